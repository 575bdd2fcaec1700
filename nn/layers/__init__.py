"""What networks are built of: neurons, layers of them, and networks of layers.

neuron.py has Neuron, layer.py Layer, network.py MLP and Sequential, embedding.py a table of rows, gpt.py a GPT;
activations.py what stands behind a weighted sum, initializers.py how weights begin, naming.py what everything is
called.  Open neuron.py first.
"""

from nn.layers.embedding import Embedding
from nn.layers.gpt import GPT
from nn.layers.layer import Layer
from nn.layers.network import MLP, Sequential
from nn.layers.neuron import Neuron, neuron_of

__all__ = ["GPT", "MLP", "Embedding", "Layer", "Neuron", "Sequential", "neuron_of"]
