/* Alice and Bob: 2-2-1, sigmoid; (prediction - target)^2; one sample an update. */

#include "common.h"

INLINE double sigmoid(double z) { return 1 / (1 + exp(-z)); }

/* p: w1 (2x2), b1 (2), w2 (1x2), b2 (1) */
void alice_bob(long epochs, long samples, const double *x, const double *target, double lr, double *p,
               double *losses) {
    double w1 = p[0], w2 = p[1], w3 = p[2], w4 = p[3], b1 = p[4], b2 = p[5], w5 = p[6], w6 = p[7], b3 = p[8];
    for (long epoch = 0; epoch < epochs; epoch++) {
        double loss = 0;
        for (long i = 0; i < samples; i++) {
            double x1 = x[2 * i], x2 = x[2 * i + 1];
            double h1 = sigmoid(w1 * x1 + w2 * x2 + b1);
            double h2 = sigmoid(w3 * x1 + w4 * x2 + b2);
            double y = sigmoid(w5 * h1 + w6 * h2 + b3);
            double error = y - target[i];
            loss += error * error;
            double dy = 2 * error * y * (1 - y);
            double dh1 = dy * w5 * h1 * (1 - h1);
            double dh2 = dy * w6 * h2 * (1 - h2);
            w1 -= lr * dh1 * x1, w2 -= lr * dh1 * x2, b1 -= lr * dh1;
            w3 -= lr * dh2 * x1, w4 -= lr * dh2 * x2, b2 -= lr * dh2;
            w5 -= lr * dy * h1, w6 -= lr * dy * h2, b3 -= lr * dy;
        }
        losses[epoch] = loss / samples;
    }
    double end[9] = {w1, w2, w3, w4, b1, b2, w5, w6, b3};
    memcpy(p, end, sizeof end);
}
