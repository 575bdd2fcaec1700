/* A GPT of one layer that guesses the next letter; Adam; one word an update. */

#include "common.h"

enum { D = 16, HEADS = 4, SIZE = D / HEADS, CONTEXT = 16, TOKENS = 27, UP = 4 * D };

typedef struct {
    double letters[TOKENS][D], positions[CONTEXT][D], query[D * D], key[D * D], value[D * D], mix[D * D], up[UP * D],
        down[D * UP], head[TOKENS * D];
} Parameters;

enum { COUNT = sizeof(Parameters) / sizeof(double) };

/* y = x * scale, with scale = 1 / sqrt(mean of squares + 1e-5) */
INLINE double rms(double *restrict y, const double *restrict x) {
    double scale = 1 / sqrt(dot(x, x, D) / D + 1e-5);
    for (int i = 0; i < D; i++) y[i] = x[i] * scale;
    return scale;
}

/* dx += scale * (dy - y * mean(dy * y)) */
INLINE void rms_backward(double *restrict dx, const double *restrict dy, const double *restrict y, double scale) {
    double mean = dot(dy, y, D) / D;
    for (int i = 0; i < D; i++) dx[i] += scale * (dy[i] - y[i] * mean);
}

static double loss_and_gradient(const Parameters *restrict p, Parameters *restrict g, const long *word, int count) {
    typedef double Rows[CONTEXT][D];
    Rows embedded, x0, normal1, q, k, v, seen, x1, normal2, x2;
    Rows d_x1 = {0}, d_q = {0}, d_k = {0}, d_v = {0};
    double hidden[CONTEXT][UP], attention[CONTEXT][HEADS][CONTEXT], d_logits[CONTEXT][TOKENS];
    double scale0[CONTEXT], scale1[CONTEXT], scale2[CONTEXT], loss = 0;
    const double root = sqrt(SIZE);

    for (int t = 0; t < count; t++) {
        for (int i = 0; i < D; i++) embedded[t][i] = p->letters[word[t]][i] + p->positions[t][i];
        scale0[t] = rms(x0[t], embedded[t]);
        scale1[t] = rms(normal1[t], x0[t]);
        multiply(q[t], p->query, normal1[t], D, D);
        multiply(k[t], p->key, normal1[t], D, D);
        multiply(v[t], p->value, normal1[t], D, D);
        for (int h = 0; h < HEADS; h++) {
            double *a = attention[t][h], largest = -INFINITY, sum = 0;
            for (int s = 0; s <= t; s++) {
                a[s] = dot(q[t] + h * SIZE, k[s] + h * SIZE, SIZE) / root;
                largest = fmax(largest, a[s]);
            }
            for (int s = 0; s <= t; s++) sum += a[s] = exp(a[s] - largest);
            for (int s = 0; s <= t; s++) a[s] /= sum;
            double *out = seen[t] + h * SIZE;
            for (int i = 0; i < SIZE; i++) out[i] = 0;
            for (int s = 0; s <= t; s++) add(out, a[s], v[s] + h * SIZE, SIZE);
        }
        multiply(x1[t], p->mix, seen[t], D, D);
        for (int i = 0; i < D; i++) x1[t][i] += x0[t][i];
        scale2[t] = rms(normal2[t], x1[t]);
        multiply(hidden[t], p->up, normal2[t], UP, D);
        for (int i = 0; i < UP; i++) hidden[t][i] = hidden[t][i] > 0 ? hidden[t][i] : 0;
        multiply(x2[t], p->down, hidden[t], D, UP);
        for (int i = 0; i < D; i++) x2[t][i] += x1[t][i];
        multiply(d_logits[t], p->head, x2[t], TOKENS, D);
        loss += cross_entropy(d_logits[t], TOKENS, word[t + 1]) / count;
        for (int i = 0; i < TOKENS; i++) d_logits[t][i] /= count;
    }

    memset(g, 0, sizeof *g);
    for (int t = count - 1; t >= 0; t--) {
        double d_x2[D] = {0}, d_hidden[UP] = {0}, d_normal2[D] = {0}, d_seen[D] = {0};
        multiply_backward(g->head, d_x2, p->head, x2[t], d_logits[t], TOKENS, D);
        multiply_backward(g->down, d_hidden, p->down, hidden[t], d_x2, D, UP);
        for (int i = 0; i < UP; i++) d_hidden[i] = hidden[t][i] > 0 ? d_hidden[i] : 0;
        multiply_backward(g->up, d_normal2, p->up, normal2[t], d_hidden, UP, D);
        for (int i = 0; i < D; i++) d_x1[t][i] = d_x2[i];
        rms_backward(d_x1[t], d_normal2, normal2[t], scale2[t]);
        multiply_backward(g->mix, d_seen, p->mix, seen[t], d_x1[t], D, D);
        for (int h = 0; h < HEADS; h++) {
            double *a = attention[t][h], d_a[CONTEXT], mean = 0;
            int part = h * SIZE;
            for (int s = 0; s <= t; s++) {
                d_a[s] = dot(d_seen + part, v[s] + part, SIZE);
                mean += a[s] * d_a[s];
                add(d_v[s] + part, a[s], d_seen + part, SIZE);
            }
            for (int s = 0; s <= t; s++) {
                double d_score = a[s] * (d_a[s] - mean) / root;
                add(d_q[t] + part, d_score, k[s] + part, SIZE);
                add(d_k[s] + part, d_score, q[t] + part, SIZE);
            }
        }
    }
    /* A position's keys and values are looked at by later ones: only now are their gradients complete. */
    for (int t = 0; t < count; t++) {
        double d_normal1[D] = {0}, d_embedded[D] = {0};
        multiply_backward(g->query, d_normal1, p->query, normal1[t], d_q[t], D, D);
        multiply_backward(g->key, d_normal1, p->key, normal1[t], d_k[t], D, D);
        multiply_backward(g->value, d_normal1, p->value, normal1[t], d_v[t], D, D);
        rms_backward(d_x1[t], d_normal1, normal1[t], scale1[t]);
        rms_backward(d_embedded, d_x1[t], x0[t], scale0[t]);
        add(g->letters[word[t]], 1, d_embedded, D);
        add(g->positions[t], 1, d_embedded, D);
    }
    return loss;
}

/* words: one after the other, each with CONTEXT + 1 places for its tokens; counts: letters to be guessed in each */
void gpt(long steps, long words, const long *tokens, const long *counts, double lr, double beta1, double beta2,
         double eps, double *p, double *losses) {
    static double gradient[COUNT], mean[COUNT], square[COUNT];
    memset(mean, 0, sizeof mean), memset(square, 0, sizeof square);
    for (long step = 0; step < steps; step++) {
        long word = step % words;
        losses[step] = loss_and_gradient((Parameters *)p, (Parameters *)gradient, tokens + word * (CONTEXT + 1),
                                         (int)counts[word]);
        double mean_scale = 1 / (1 - pow(beta1, step + 1)), square_scale = 1 / (1 - pow(beta2, step + 1));
        for (int i = 0; i < COUNT; i++) {
            mean[i] += (1 - beta1) * (gradient[i] - mean[i]);
            square[i] += (1 - beta2) * (gradient[i] * gradient[i] - square[i]);
            p[i] -= lr * (mean[i] * mean_scale) / (sqrt(square[i] * square_scale) + eps);
        }
    }
}
