"""Question 1 with lists of dicts and a helper that knows the slopes."""

from numpy import exp, tanh


def step(x, prev, w):
    z = {k: w["w_%sx" % k] * x + w["w_%sh" % k] * prev["h"] for k in ["i", "f", "o", "g"]}
    now = {k: 1 / (1 + exp(-z[k])) for k in ["i", "f", "o"]}
    now["g"] = tanh(z["g"])
    now["c"] = now["f"] * prev["c"] + now["i"] * now["g"]
    now["h"] = now["o"] * tanh(now["c"])
    return now


def unroll(x, h_0, c_0, w):
    states = [{"h": h_0, "c": c_0}]
    for value in x:
        states.append(step(value, states[-1], w))
    return states


def lstm_forward(x, h_0, c_0, weights):
    states = unroll(x, h_0, c_0, weights)[1:]
    return {k: [s[k] for s in states] for k in ["i", "f", "o", "g", "c", "h"]}


def lstm_backward(x, h_0, c_0, weights, h_direct):
    states = unroll(x, h_0, c_0, weights)
    bars = []
    later = {"h": 0, "c": 0}
    total = {k + "_bar": 0 for k in weights}
    for t in range(len(x), 0, -1):
        s, prev = states[t], states[t - 1]
        bar = {"h": h_direct[t - 1] + later["h"]}
        bar["c"] = bar["h"] * s["o"] * (1 - tanh(s["c"]) ** 2) + later["c"]
        bar["g"] = bar["c"] * s["i"]
        bar["o"] = bar["h"] * tanh(s["c"])
        bar["f"] = bar["c"] * prev["c"]
        bar["i"] = bar["c"] * s["g"]
        z = {k: bar[k] * s[k] * (1 - s[k]) for k in "ifo"}
        z["g"] = bar["g"] * (1 - s["g"] ** 2)
        for k in z:
            total[f"w_{k}x_bar"] = total[f"w_{k}x_bar"] + z[k] * x[t - 1]
            total[f"w_{k}h_bar"] = total[f"w_{k}h_bar"] + z[k] * prev["h"]
        later["h"] = sum(z[k] * weights[f"w_{k}h"] for k in z)
        later["c"] = bar["c"] * s["f"]
        bar["x"] = sum(z[k] * weights[f"w_{k}x"] for k in z)
        bars.append(bar)
    bars.reverse()
    result = {k + "_bar": [bar[k] for bar in bars] for k in "hcgofix"}
    result.update(total)
    result["h_0_bar"] = later["h"]
    result["c_0_bar"] = later["c"]
    return result
