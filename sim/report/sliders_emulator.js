"use strict";
// The Gaussian process of sim/calibration/emulator.py: a trend, an anisotropic Matern 5/2 process, and white noise.

const JITTER = 1e-9; // as in the fit

function matern(here, there, lengths) {
  let square = 0;
  for (let k = 0; k < lengths.length; k += 1) square += ((here[k] - there[k]) / lengths[k]) ** 2;
  const far = Math.sqrt(5 * square);
  return (1 + far + (far * far) / 3) * Math.exp(-far);
}

// Covariance of the mean over simulations at two points.
function shared(process, here, there) {
  const { amplitude, lengths, trend } = process;
  return amplitude * matern(here, there, lengths) + trend * (1 + dot(here, there));
}

function cholesky(matrix) {
  const lower = matrix.map((row) => row.slice());
  for (let i = 0; i < lower.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k += 1) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  }
  return lower;
}

function forward(lower, right) {
  const found = [];
  for (let i = 0; i < right.length; i += 1) {
    let sum = right[i];
    for (let k = 0; k < i; k += 1) sum -= lower[i][k] * found[k];
    found.push(sum / lower[i][i]);
  }
  return found;
}

function backward(lower, right) {
  const found = new Array(right.length);
  for (let i = right.length - 1; i >= 0; i -= 1) {
    let sum = right[i];
    for (let k = i + 1; k < right.length; k += 1) sum -= lower[k][i] * found[k];
    found[i] = sum / lower[i][i];
  }
  return found;
}

const dot = (left, right) => left.reduce((sum, value, k) => sum + value * right[k], 0);

// Condition the process of a surface on its points; surfaces without one are zero everywhere.
function conditioned(surface, points) {
  if (!surface.process) return surface;
  const { white, rest } = surface.process;
  const covariance = points.map((here, i) =>
    points.slice(0, i + 1).map((there, j) => shared(surface.process, here, there) + (i === j ? white + JITTER : 0)),
  );
  const lower = cholesky(covariance);
  return { ...surface, points, lower, weights: backward(lower, forward(lower, rest)) };
}

// Mean and standard deviation of the effect in a new simulation, at a point of the unit cube.
function predicted(surface, unit) {
  if (!surface.process) return { mean: 0, spread: 0 };
  const { plane, height, noise } = surface.process;
  const near = surface.points.map((there) => shared(surface.process, unit, there));
  const solved = forward(surface.lower, near);
  const variance = height ** 2 * Math.max(shared(surface.process, unit, unit) - dot(solved, solved), 0);
  return {
    mean: dot([1, ...unit], plane) + height * dot(near, surface.weights),
    spread: Math.sqrt(variance + noise),
  };
}
