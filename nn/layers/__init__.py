"""What networks are built of: neurons, layers, activations and starting weights.

neurons.py has Neuron, Layer, MLP and Sequential; activations.py what stands behind a weighted sum;
initializers.py how weights begin.  Open neurons.py first.
"""
