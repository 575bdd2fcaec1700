"""What Karpathy's microgpt trains: a GPT of single Values on names, with Adam, and then names that it makes up."""

import math
import random

from microgpt import Value

random.seed(42)

docs = ["emma", "olivia", "ava", "isabella", "sophia", "mia"]
letters = sorted(set("".join(docs)))
BOS = len(letters)
vocab_size = len(letters) + 1

n_layer, n_embd, block_size, n_head = 1, 8, 8, 2
head_dim = n_embd // n_head


def matrix(n_out, n_in, std=0.08):
    return [[Value(random.gauss(0, std)) for _ in range(n_in)] for _ in range(n_out)]


weights = {"wte": matrix(vocab_size, n_embd), "wpe": matrix(block_size, n_embd), "head": matrix(vocab_size, n_embd)}
for i in range(n_layer):
    for name in ("query", "key", "value", "out"):
        weights[f"{i}.{name}"] = matrix(n_embd, n_embd)
    weights[f"{i}.up"], weights[f"{i}.down"] = matrix(4 * n_embd, n_embd), matrix(n_embd, 4 * n_embd)
params = [p for rows in weights.values() for row in rows for p in row]
start = {name: [[p.data for p in row] for row in rows] for name, rows in weights.items()}


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


def softmax(logits):
    largest = max(value.data for value in logits)
    exps = [(value - largest).exp() for value in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x):
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def gpt(token, position, keys, values):
    x = rmsnorm([t + p for t, p in zip(weights["wte"][token], weights["wpe"][position])])
    for i in range(n_layer):
        residual, x = x, rmsnorm(x)
        query = linear(x, weights[f"{i}.query"])
        keys[i].append(linear(x, weights[f"{i}.key"]))
        values[i].append(linear(x, weights[f"{i}.value"]))
        attended = []
        for head in range(n_head):
            part = slice(head * head_dim, (head + 1) * head_dim)
            q, ks, vs = query[part], [k[part] for k in keys[i]], [v[part] for v in values[i]]
            scores = softmax([sum(qj * kj for qj, kj in zip(q, k)) / head_dim**0.5 for k in ks])
            attended += [sum(score * v[j] for score, v in zip(scores, vs)) for j in range(head_dim)]
        x = [a + b for a, b in zip(linear(attended, weights[f"{i}.out"]), residual)]
        residual = x
        x = linear([xi.relu() for xi in linear(rmsnorm(x), weights[f"{i}.up"])], weights[f"{i}.down"])
        x = [a + b for a, b in zip(x, residual)]
    return linear(x, weights["head"])


lr, beta1, beta2, eps = 0.01, 0.85, 0.99, 1e-8
m, v = [0.0] * len(params), [0.0] * len(params)
history = []
steps = 6
for step in range(steps):
    doc = docs[step % len(docs)]
    tokens = [BOS, *(letters.index(letter) for letter in doc), BOS]
    n = min(block_size, len(tokens) - 1)
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    losses = []
    for position in range(n):
        probs = softmax(gpt(tokens[position], position, keys, values))
        losses.append(-probs[tokens[position + 1]].log())
    loss = (1 / n) * sum(losses)
    loss.backward()
    if step == 0:
        first_gradients = [p.grad for p in params]
    lr_now = lr * (1 - step / 1000)
    for i, p in enumerate(params):
        m[i] = beta1 * m[i] + (1 - beta1) * p.grad
        v[i] = beta2 * v[i] + (1 - beta2) * p.grad**2
        m_hat, v_hat = m[i] / (1 - beta1 ** (step + 1)), v[i] / (1 - beta2 ** (step + 1))
        p.data -= lr_now * m_hat / (v_hat**0.5 + eps)
        p.grad = 0
    history.append(loss.data)

# Names that nobody has: one letter after the other, by chance.
samples = []
for _ in range(3):
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    token, name = BOS, ""
    for position in range(block_size):
        probs = softmax([logit / 0.5 for logit in gpt(token, position, keys, values)])
        [token] = random.choices(range(vocab_size), weights=[p.data for p in probs])
        if token == BOS:
            break
        name += letters[token]
    samples.append(name)


# An operation made microgpt's way: its number, what it was made of, and its local derivatives.


def sine(x):
    return Value(math.sin(x.data), (x,), (math.cos(x.data),))


angle = Value(0.5)
product = sine(angle) * sine(angle)
product.backward()
children, local_grads = product._children, product._local_grads
