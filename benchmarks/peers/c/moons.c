/* Moons: 2-16-16-1, ReLU, hinge + L2; all samples an update; one sample after the other. */

#include "common.h"

enum { N = 16, W1 = 0, B1 = W1 + 2 * N, W2 = B1 + N, B2 = W2 + N * N, W3 = B2 + N, B3 = W3 + N, COUNT = B3 + 1 };

void moons(long steps, long samples, const double *x, const double *target, double lr, double penalty, double *p,
           double *losses) {
    for (long step = 0; step < steps; step++) {
        /* Column by column, so that the sums of all neurons of the layer can grow side by side. */
        double columns[N][N], gradient[COUNT] = {0}, hinge = 0;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) columns[j][i] = p[W2 + N * i + j];

        for (long s = 0; s < samples; s++) {
            double x1 = x[2 * s], x2 = x[2 * s + 1], h1[N], h2[N], dh1[N] = {0};
            for (int i = 0; i < N; i++) h1[i] = fmax(p[W1 + 2 * i] * x1 + p[W1 + 2 * i + 1] * x2 + p[B1 + i], 0);
            for (int i = 0; i < N; i++) h2[i] = p[B2 + i];
            for (int j = 0; j < N; j++) add(h2, h1[j], columns[j], N);
            for (int i = 0; i < N; i++) h2[i] = h2[i] > 0 ? h2[i] : 0;
            double margin = 1 - target[s] * (dot(p + W3, h2, N) + p[B3]);
            if (margin <= 0) continue;
            hinge += margin;

            double d_score = -target[s] / samples;
            gradient[B3] += d_score;
            add(gradient + W3, d_score, h2, N);
            for (int i = 0; i < N; i++) {
                if (h2[i] <= 0) continue;
                double d = d_score * p[W3 + i];
                gradient[B2 + i] += d;
                add(gradient + W2 + N * i, d, h1, N);
                add(dh1, d, p + W2 + N * i, N);
            }
            for (int i = 0; i < N; i++) {
                double d = h1[i] > 0 ? dh1[i] : 0;
                gradient[W1 + 2 * i] += d * x1;
                gradient[W1 + 2 * i + 1] += d * x2;
                gradient[B1 + i] += d;
            }
        }
        losses[step] = hinge / samples + penalty * dot(p, p, COUNT);
        for (int i = 0; i < COUNT; i++) p[i] -= lr * (gradient[i] + 2 * penalty * p[i]);
    }
}
