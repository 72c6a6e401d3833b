"""LaTeX as people write it: each notation beside a near one that reads differently or is refused."""

from __future__ import annotations

import pytest

from refute.formula.grammar import is_latex
from refute.formula.parse import parse
from refute.formula.read import OPEN, Vocabulary, read
from tests.test_read import C_BAR, COUNTS, H_BAR, MOMENTUM, W_IX, outcome

ADJOINTS = [
    (r"\overline{h^{(t)}}", "h_bar[t]", r"\overline{h}^{(t+1)}"),
    (r"\overline{h}^{(t)}", "h_bar[t]", r"h^{(t)}"),
    (r"\bar{h}_t", "h_bar[t]", r"\bar{h}_{t+1}"),
    (r"\bar h^{(t)}", "h_bar[t]", r"\bar h^{2}"),
    (r"\bar h_t^2", "h_bar[t]^2", r"\bar h_{t^2}"),
    (r"\delta h_t", "h_bar[t]", r"h_t"),
    (r"\delta_h^{(t+1)} \delta_{c_t}", "h_bar[t + 1]*c_bar[t]", r"\delta_h^{(t+1)} \delta_t"),
    (r"\nabla_{h_t} L", "h_bar[t]", r"\nabla_{h_t} Q"),
    (r"\frac{\partial L}{\partial h^{(t)}}", "h_bar[t]", r"\frac{\partial L}{\partial c^{(t)}}"),
    (r"\frac{\partial \mathcal{L}}{\partial h_t}", "h_bar[t]", r"\frac{L}{h_t}"),
    (r"\frac{\partial E}{\partial h^{(t+1)}}", "h_bar[t + 1]", r"\frac{\partial E}{\partial h^{(t)}}"),
    (r"\partial J / \partial h_t", "h_bar[t]", r"\partial J"),
    (r"\frac{dL}{dh_t}", "h_bar[t]", r"\frac{dL}{h_t}"),
    (r"\frac{\mathrm{d}L}{\mathrm{d}h_t}", "h_bar[t]", r"\frac{\mathrm{d}}{\mathrm{d}h_t}"),
    (r"\overline{w_{ix}}", None, r"\overline{w_{xi}}"),
]
TIMES = [
    (r"h^{(t)}", "h[t]", "h^{(t-1)}"),
    (r"h_t", "h[t]", r"h_{t-1}"),
    (r"h^t f^{t+1}", "h[t]*f[t + 1]", r"h^2 f^{2+1}"),
    (r"h[t] \cdot f[t+1]", "h[t]*f[t + 1]", r"h[t] \cdot f(1-o)"),
    (r"h_{T} + h^{(T)} + h^{(1)}", "h[T] + h[T] + h[1]", r"h_T + h^{(T)} + h^{1}"),
    (r"h (1-h)", "h[t]*(1 - h[t])", r"h_{1-h}"),
    (r"\mathbf{h}_{t} \boldsymbol{f}^{(t)}", "h[t]*f[t]", r"\mathbf{h f}^{(t+1)}"),
]
PRODUCTS = [
    (r"w_{i,h} + w_{i,x}", "w_ih + w_ix", r"w_{h,h} + w_{i,x}"),
    (r"\delta_i h_t \text{ where } \delta_i = x_t", "x[t]*h[t]", r"\delta_i h_t \text{ where } \delta_f = x_t"),
    (r"\overbar{c_t}", "c_bar[t]", r"\overbow{c_t}"),
    (r"w \triangleq h_t", "h[t]", r"h_t \triangleq w"),
    (r"h_t = h_t \frac{q}{q} = o_t", "o[t]", r"h_t = o_t = h_t \frac{q}{q}"),
    (r"h_t o_t", "h[t]*o[t]", r"h_t + o_t"),
    (r"h_t \cdot o_t \times f_t", "h[t]*o[t]*f[t]", r"h_t \cdot o_t + f_t"),
    (r"h_t \odot o_t \circ f_t", "h[t]*o[t]*f[t]", r"h_t \odot o_t \circ f_{t+1}"),
    (r"h_t \cdot -o_t", "h[t]*-o[t]", r"h_t - o_t"),
    (r"w_{ix} W_{ih}^T W_{ih}^\top", "w_ix*w_ih*w_ih", r"w_{ix} W_{ix}"),
    (r"\frac12 h_t", "1/2*h[t]", r"\frac{1}{2 h_t}"),
    (r"\dfrac{h_t}{2}3", "h[t]/2*3", r"\dfrac{h_t}{23}"),
    (r"\left[ h_t \left( 1 - h_t \right) \right] \Big( o_t \Big)", "h[t]*(1 - h[t])*o[t]", r"h_t - h_t o_t"),
    (r"\{h_t\} \big| o_t \big|", "h[t]*abs(o[t])", r"h_t o_t"),
    (r"\left|h_t - |o_t|\right|", "abs(h[t] - abs(o[t]))", r"|h_t| - |o_t|"),
    (r"h_t\,\;\!\quad o_t~f_t % + c_t", "h[t]*o[t]*f[t]", r"h_t o_t f_t + c_t"),
]
POWERS = [
    (r"g^{2(t+1)}", "g[t + 1]^2", r"g^{2(t)+1}"),
    (r"\tanh^{'}(c_t)", "tanh'(c[t])", r"\tanh^{t}(c_t)"),
    (r"{g^{(t)}}^2", "g[t]^2", r"g^{(t)} \cdot 2"),
    (r"(g^{(t)})^2", "g[t]^2", r"(g^{(t)}) 2"),
    (r"g_t^2", "g[t]^2", r"g_{t}^{3}"),
    (r"g^{(t)2}", "g[t]^2", r"g^{(2t)}"),
    (r"g_t^{2}{}", "g[t]^2", r"g_t^{}2"),
    (r"h_{t}^12", "h[t]^1*2", r"h_t^{12}"),
    (r"\tanh^2(c_t)", "tanh(c[t])^2", r"\tanh(c_t^2)"),
    (r"\tanh(c_t)^2", "tanh(c[t])^2", r"\tanh(c_t)2"),
    (r"(tanh(c_t))^2", "tanh(c[t])^2", r"(tan(c_t))^2"),
    (r"\tanh^2 c^{(t)}", "tanh(c[t])^2", r"\tan^2 c^{(t)}"),
    (r"\operatorname{sech}^{2}c_t", "sech(c[t])^2", r"\operatorname{sech}^{2}c_{t+1}"),
    (r"\text{sigmoid}(c_t) \mathrm{sech}(c_t)", "sigmoid(c[t])*sech(c[t])", r"\text{sigmoid}(c_t \mathrm{sech}(c_t))"),
    (r"e^{-c_t} + \exp(-c_t)", "exp(-c[t]) + exp(-c[t])", r"e_{-c_t} + \exp(-c_t)"),
    (r"\log_2 c_t \ln c_t", "log2(c[t])*log(c[t])", r"\log_3 c_t \ln c_t"),
]
SLOPES = [
    (r"\partial L/\partial h(t) x(t)", "h_bar[t]*x[t]", r"\partial L/\partial h(t+1) x(t)"),
    (r"\frac{\partial}{\partial c_t} [o_t \tanh(c_t)]", "o[t]*tanh'(c[t])",
     r"\frac{\partial}{\partial c_t} o_t \tanh(c_t)"),
    (r"h_t \otimes o_t \star f_t", "h[t]*o[t]*f[t]", r"h_t \oplus o_t"),
    (r"\frac{\partial}{\partial c_t} \tanh(c_t)", "tanh'(c[t])", r"\frac{\partial}{\partial h_t} \tanh(c_t)"),
    (r"\frac{d}{dc_t}\tanh(c_t) o_t", "tanh'(c[t])*o[t]", r"\frac{d}{dc_t} o_t \tanh(c_t)"),
    (r"\frac{\partial \tanh(c_t)}{\partial c_t}", "tanh'(c[t])", r"\frac{\partial \tanh(c_t) o_t}{\partial c_t}"),
    (r"\frac{\partial L}{\partial h(t)}", "h_bar[t]", r"\frac{\partial L}{\partial h(2)}"),
    (r"i_t(1-i_t)", "i[t]*(1 - i[t])", r"i_t(1+i_t)"),
    (r"\sigma(c_t)(1-\sigma(c_t))", "sigmoid(c[t])*(1 - sigmoid(c[t]))", r"\sigma(c_t(1-\sigma(c_t)))"),
    (r"\sigma'(c_t) \tanh'(c_t)", "sigmoid'(c[t])*tanh'(c[t])", r"\sigma(c_t) \tanh(c_t)"),
    (r"\sigma^{\prime}(c_t)", "sigmoid'(c[t])", r"\sigma''(c_t)"),
    (r"\frac{\partial c^{(t+1)}}{\partial c^{(t)}}", "f[t + 1]", r"\frac{\partial c^{(t+1)}}{\partial f^{(t)}}"),
    (r"\frac{\partial h_t}{\partial c_t}", "o[t]*tanh'(c[t])", r"\frac{\partial h_t}{\partial o_t}"),
    (r"\frac{\partial i^{(t+1)}}{\partial h^{(t)}}", "sigmoid'(w_ix*x[t + 1] + w_ih*h[t])*w_ih",
     r"\frac{\partial i^{(t)}}{\partial h^{(t)}}"),
]  # fmt: skip
GRADIENTS = [
    (r"\nabla J(\theta^{(k)})", "grad_J(theta[k])", r"\nabla J(\theta^{(k+1)})"),
    (r"\nabla_\theta J(\theta_k)", "grad_J(theta[k])", r"\nabla_\theta J(p_k)"),
    (
        r"\nabla_{\boldsymbol{\theta}} \mathcal{J}\left(\theta_{k+1} - v_{k+1}\right)",
        "grad_J(theta[k + 1] - p[k + 1])",
        r"\nabla_\theta J(\theta_{k+1}) - v_{k+1}",
    ),
    (r"\nabla \mathcal{J}", "grad_J(theta[k])", r"\nabla \mathcal{Q}"),
    (r"\nabla L(\theta_k) \nabla f(\theta_k)", "grad_J(theta[k])*grad_J(theta[k])", r"\nabla L(\theta_k) f(\theta_k)"),
    (
        r"\frac{\partial J}{\partial \theta}(\theta_{k+1})",
        "grad_J(theta[k + 1])",
        r"\frac{\partial J}{\partial \theta}",
    ),
    (r"\frac{\partial J}{\partial \theta^{(k)}}", "grad_J(theta[k])", r"\frac{\partial J}{\partial \theta^{(k+1)}}"),
    (r"\nabla^2 J(\theta^{(k)})", "hess_J(theta[k])", r"\nabla J(\theta^{(k)})"),
    (r"\nabla^2_\theta J(\theta_k)", "hess_J(theta[k])", r"\nabla^2_\theta J"),
    (r"\nabla^2_{\theta_k} J", "hess_J(theta[k])", r"\nabla^2_{\theta_{k+1}} J"),
    (r"\nabla^2_\theta J", "H", r"\nabla^3_\theta J"),
    (r"\frac{\partial^2 J}{\partial\theta^2}", "H", r"\frac{\partial^3 J}{\partial\theta^3}"),
    (r"\mathbf{H}(\theta^{(k)})", "hess_J(theta[k])", r"\mathbf{H}(\beta)"),
    (r"\nabla \nabla^\top J(\theta_k)", "hess_J(theta[k])", r"\nabla \nabla^3 J(\theta_k)"),
    (
        r"\frac{\partial J(\theta_k)}{\partial \theta_k}",
        "grad_J(theta[k])",
        r"\frac{\partial J(p_k)}{\partial \theta_k}",
    ),
    (
        r"\frac{\partial \nabla J(\theta_k)}{\partial \theta_k}",
        "hess_J(theta[k])",
        r"\frac{\partial J(\theta_k)}{\partial \theta_k}",
    ),
    (r"\frac{\partial^2 J}{\partial {\theta^{(k)}}^2}", "hess_J(theta[k])", r"\frac{\partial^2 J}{\partial \theta^2}"),
    (
        r"\frac{\partial^2 J}{\partial \theta_k \partial \theta_k^\top}",
        "hess_J(theta[k])",
        r"\frac{\partial J}{\partial \theta_k \partial \theta_k^\top}",
    ),
    (r"-\alpha H_J", "-alpha*H", r"-\alpha H_K"),
    (r"J'(\theta_k) \operatorname{grad} J(\theta_k)", "grad_J(theta[k])*grad_J(theta[k])", r"J'(\theta_k) p'_k"),
    (r"J''(\theta_k)", "hess_J(theta[k])", r"Q''(\theta_k)"),
]
NAMES = [
    (r"\frac{v_{k+1} + \eta \theta_k}{\mu}", "(p[k + 1] + alpha*theta[k])/beta", r"\frac{v_{k+1} + \xi \theta_k}{\mu}"),
    (r"lr\, p_k + \text{lr} \mathrm{lr}", "alpha*p[k] + alpha*alpha", r"rl\, p_k"),
    (r"\lambda \gamma", "alpha*beta", r"\lambda \rho"),
    (r"\beta^D", "beta^D", r"\beta_D"),
    (r"\begin{pmatrix} I & I \\ 0 & I \end{pmatrix}", "[[I, I], [0, I]]",
     r"\begin{pmatrix} I & I & 0 \\ I \end{pmatrix}"),
    (r"\begin{bmatrix} I & 0 \\ -\alpha H & \beta I_D \\[4pt] \end{bmatrix}", "[[I, 0], [-alpha*H, beta*I]]",
     r"\begin{bmatrix} I & 0 \\ \alpha H & \beta I \end{bmatrix}"),
    (r"\left(\begin{array}{c|c} I & I \\ 0 & I \end{array}\right)\begin{pmatrix}H\end{pmatrix}",
     "[[I, I], [0, I]]*[[H]]", r"\begin{pmatrix}H\end{pmatrix}\begin{pmatrix} I & I \\ 0 & I \end{pmatrix}"),
    (r"\det \begin{pmatrix} \beta \end{pmatrix} + \det(H)", "det([[beta]]) + det(H)",
     r"\begin{pmatrix} \beta \end{pmatrix}"),
    (r"\begin{vmatrix} \beta \end{vmatrix} + \left|\begin{pmatrix} \beta \end{pmatrix}\right|",
     "det([[beta]]) + det([[beta]])", r"|\beta|"),
    (r"\begin{pmatrix} \beta \end{pmatrix}^T H^\top", "transpose([[beta]])*transpose(H)",
     r"\begin{pmatrix} \beta \end{pmatrix} H"),
    (r"\det \partial s^{(k+1)}/\partial s^{(k)} = \beta^D", "beta^D", r"\partial s^{(k+1)}/\partial s^{(k)}"),
]  # fmt: skip
COUNTED = [
    (r"G^2 \cdot O(DH + H^2)", "O(G^2*(D*H + H^2))", r"G^2 + O(DH + H^2)"),
    (r"O(G^2) O(DH)", "O(G^2*(D*H))", r"O(G^2) \Theta(DH)"),
    (r"G^2 O(H) = O(G^2 H)", "O(G^2*H)", r"O(G^2 H) = G^2 O(H)^2"),
    (r"2H^2 \in O(H^2)", "O(H^2)", r"2H^2 \in H^2"),
    (r"DxH + 2xHxH", "D*H + 2*H*H", r"DxQ + 2xHxH"),
    (r"2H^2 + DH", "2*H^2 + D*H", r"2H^{2 + DH}"),
    (r"(D+2H) \times H", "(D + 2*H)*H", r"D+2H \times H"),
    (r"\mathcal{O}(G^2 H^2)", "O(G^2*H^2)", r"G^2 H^2"),
    (r"\Theta\left(DH\right)", "Theta(D*H)", r"\Theta DH"),
    (r"$$2H^2 + DH$$.", "2*H^2 + D*H", r"2H^2 $+ DH$"),
    (r"\[ N = 2H^2 \]", "2*H^2", r"\[ N + 2H^2 \]"),
    (r"\prod_{i=1}^{D} G", "G^D", r"\prod_{i=1}^{D} i"),
    ("\\begin{align*}\n N &= 2H^2 \\\\\n &\\quad + DH, \\\\\n\\end{align*}", "2*H^2 + D*H", "N &= 2H^2 \\\\ DH"),
]
SUMS = [
    (r"\sum_t \bar i_t x_t", "sum(i_bar[t]*x[t], t, 1, T)", r"\sum_t \bar i_t x_{t+1}"),
    (r"\sum_{t=1}^T \bar i x", "sum(i_bar[t]*x[t], t, 1, T)", r"\sum_{t=2}^T \bar i x"),
    (r"\sum\limits_{\tau=1}^{T} \bar i_\tau x^{(\tau)}", "sum(i_bar[tau]*x[tau], tau, 1, T)",
     r"\sum_{\tau=1}^{T} x_\kappa"),
    (r"\sum_s \bar i_s x_s + 1", "sum(i_bar[s]*x[s], s, 1, T) + 1", r"\sum_s (\bar i_s x_s + 1)"),
    (r"\sum_{t'=1}^T \bar i_{t'} x_{t'-1}", "sum(i_bar[t']*x[t' - 1], t', 1, T)", r"\sum_{t'=1}^T \bar i_t x_{t-1}"),
    (r"\sum \bar i x", "sum(i_bar[t]*x[t], t, 1, T)", r"\bar i_t x_t"),
    (r"\Sigma_{t=1}^T \bar i_t x_t", "sum(i_bar[t]*x[t], t, 1, T)", r"\Sigma_t=1^T \bar i_t x_t"),
    ("∑ₜ īₜ xₜ", "sum(i_bar[t]*x[t], t, 1, T)", "∑ₜ īₜ xₜ₊₁"),
    (r"\sum_{i} \bar{i}^{(i)} x_i", "sum(i_bar[i_index]*x[i_index], i_index, 1, T)", r"\sum_{i} \bar{i} i"),
    (r"\sum_t \frac{\partial L}{\partial i_t} \frac{\partial i_t}{\partial w_{ix}}",
     "sum(i_bar[t]*(sigmoid'(w_ix*x[t] + w_ih*h[t - 1])*x[t]), t, 1, T)", r"\sum_t \frac{\partial L}{\partial i_t}"),
]  # fmt: skip
DRESSED = [
    (r"\bar{\imath}_t x_t", "i_bar[t]*x[t]", r"\bar{\jmath}_t x_t"),
    (r"\boxed{\bar c_t i_t}", "c_bar[t]*i[t]", r"\boxed{\bar c_t} + \boxed{i_t}"),
    (r"$\boxed{w = h_t = o_t}$.", "o[t]", r"\boxed{h_t} = \boxed{f_t}"),
    (r"\therefore w = h_t", "h[t]", r"o_t \therefore w = h_t"),
    (r"\overline{w_{ix}} \mathrel{+}= h_t", "h[t]", r"\overline{w_{ix}} \mathrel{-}= h_t"),
    (r"h^{\langle t+1\rangle} o^{\langle t\rangle}", "h[t + 1]*o[t]", r"h^{\langle t\rangle} o^{\langle t\rangle}"),
    (r"h_t o_t \qquad \text{(from the cell equation)}", "h[t]*o[t]", r"h_t \text{(from the cell equation)} o_t"),
    (r"h_t o_t \text{(by the chain rule)}", "h[t]*o[t]", r"h_t o_t \text{(times two)}"),
    (r"dL/dc_{t+1} hbar_{t+1}", "c_bar[t + 1]*h_bar[t + 1]", r"dL/c_{t+1} h_{t+1}"),
    (r"dh_t/dc_{t} \Bar h_t", "o[t]*tanh'(c[t])*h_bar[t]", r"\Bar h_t/\Bar c_t"),
    (r"\textbf{Final answer: } h_t", "h[t]", r"\textbf{no answer: } h_t"),
    ("$h̅_t\u00a0o_t$", "h_bar[t]*o[t]", "$h_t\u00a0o_t$"),
    (r"h_t o_t \text{.}", "h[t]*o[t]", r"h_t o_t \text{,h}"),
    (r"\textbf{h}_t \vec h_t \color{red} \textcolor{blue}{o_t}", "h[t]*h[t]*o[t]", r"\hat h_t h_t o_t"),
    ("∑_{t=1}^{T} ī_t x_t h̄_t", "sum(i_bar[t]*x[t]*h_bar[t], t, 1, T)", "∑_{t=1}^{T} i_t x_t h̄_t"),
    ("∑_t ī_t x_t", "sum(i_bar[t]*x[t], t, 1, T)", "ī_t x_t"),
    ("sum_{t=1}^T i_bar_t * x_t", "sum(i_bar[t]*x[t], t, 1, T)", "sum_{t=2}^T i_bar_t * x_t"),
    ("h_t**2 + o_{t+1}", "h[t]^2 + o[t + 1]", "h_t*2 + o_{t+1}"),
    (r"\mathrm{d}c_t i_t", "c_bar[t]*i[t]", "d_t c_t i_t"),
    ("h_{t} w_ih^2 w_ix_bar", "h[t]*w_ih^2*w_ix_bar", "h_{t} w_iy"),
    (r"h_t o_t \text{ since } o_t = f_t", "h[t]*o[t]", r"h_t o_t \text{ so } o_t = f_t"),
    (r"h_t \text{ where } \text{the gate is open}", "h[t]", r"h_t \text{ the gate is open}"),
]  # fmt: skip
BLOCKS = [
    (r"\begin{bmatrix} I & \\ & I \end{bmatrix}", "[[I, 0], [0, I]]", r"\begin{bmatrix} I \\ & I \end{bmatrix}"),
    (r"\frac{\partial^2 J}{\partial (\theta^{(k)})^2}", "hess_J(theta[k])", r"\frac{\partial^2 J}{\partial (p_k)^2}"),
    (r"\alpha H[k]", "alpha*hess_J(theta[k])", r"\alpha H k"),
    (r"\alpha H_k + H^{(k+1)}", "alpha*hess_J(theta[k]) + hess_J(theta[k + 1])", r"\alpha H_k + H^{(2)}"),
    (r"g(\theta_k) \text{ where } g = \nabla J", "grad_J(theta[k])", r"g(\theta_k) \text{ where } g = \alpha \nabla J"),
    (r"\prod_{d=0}^{D-1} \beta", "beta^D", r"\prod_{d=0}^{D-1} \beta d"),
    (r"\begin{bmatrix} I_{D\times D} & 0_{D \times D} \\ \mathbf{0}_D & \mathbf{I}_{D}\end{bmatrix}",
     "[[I, 0], [0, I]]", r"\begin{bmatrix} I_{D\times H} & 0 \\ 0 & I_{2D}\end{bmatrix}"),
    (r"\begin{bmatrix} I & O \\ \mathbf{O} & I\end{bmatrix}", "[[I, 0], [0, I]]",
     r"\begin{bmatrix} I & O \end{bmatrix}"),
    (r"\begin{array}{c|c} I & I \\ \hline 0 & I\end{array}", "[[I, I], [0, I]]",
     r"\begin{array}{c} I \\ \hline I \end{array}"),
    (r"\begin{pmatrix} I & I \end{pmatrix}\begin{pmatrix} I \\ I \end{pmatrix}", "[[I, I]]*[[I], [I]]",
     r"\begin{pmatrix} I & I \end{pmatrix}\odot\begin{pmatrix} I \\ I \end{pmatrix}"),
    (r"\beta \odot \begin{pmatrix} I \end{pmatrix}", "beta*[[I]]", r"\beta \begin{pmatrix} H \end{pmatrix}"),
]  # fmt: skip
FUNCTIONS = [
    (r"\log_{10}(x) + \log_3 y", "log(x)/log(10) + log(y)/log(3)", r"\log(x) + \log_3 y"),
    (r"\log_{10}^2 x \log_e y", "(log(x)/log(10))^2*log(y)", r"\log_{10} x^2 \log_e y"),
    (r"\log_{10}(x)", "log(x)/log(10)", r"\log_10(x)"),  # TeX: to the base of 1
    (r"\log_{10}(x)", "log(x)/log(10)", r"\log_b(x)"),
    (r"\sqrt[4]{x} + \sqrt [2] {y}", "x^(1/4) + y^(1/2)", r"\sqrt[2]{x} + \sqrt[4]{y}"),
    (r"\sqrt[3]{8}", "8^(1/3)", r"\sqrt[3]{-8}"),
    (r"\sqrt[3]{x}", "relu(x)^(1/3) - relu(-x)^(1/3)", r"x^{1/3}"),  # of negative numbers no power is that
    (r"\hat{x}_1 + \tilde x^2", "x_hat_1 + x_tilde^2", r"\hat{x}_1 + \hat x^2"),
    (r"{x + 1 \over y} z", "(x + 1)/y*z", r"x + {1 \over y} z"),
    (r"e^{x \over 2}", "exp(x/2)", r"{e^x \over 2}"),
    (r"\frac{x^3}{3!}", "x^3/6", r"\frac{x}{3!}^3"),
    (r"2x^{3!}", "2*x^6", r"2x^{3}!"),
    (r"\binom{5}{2} \binom52", "10*10", r"\binom{5}{2} \frac52"),
    (r"\binom{n}{2}", "n*(n - 1)/2", r"\binom{2}{n}"),
    (r"{n \choose 2}", "n*(n - 1)/2", r"{n \over 2}"),
    (r"\overline{x}^2 + \overline{y^{(1)}}", "x_bar^2 + y_bar[1]", r"\overline{x^2} + \overline{y^{(1)}}"),
    (r"\sin x \cos y e^z", "sin(x)*cos(y)*exp(z)", r"\sin x y e^z"),
    (r"\begin{pmatrix} a & b \end{pmatrix}^\top", "transpose([[a, b]])", r"a^\top"),
    (r"\sqrt[4]{x}", "x^(1/4)", r"\sqrt[n]{x}"),
    (r"\cosh^{-2} x", "cosh(x)^-2", r"\cosh^{-1} x"),
    (r"\coth x \cot(y) \operatorname{csch} x", "coth(x)*cot(y)*csch(x)", r"\tanh x \cot(y) \operatorname{csch} x"),
    (r"\arctan x + \operatorname{artanh}(y)", "atan(x) + atanh(y)", r"\tan^{-1} x + \operatorname{artanh}(y)"),
    (r"\max(x, y, z)", "max(max(x, y), z)", r"\max(x, y)"),
    (r"\mathop{\mathrm{sech}} x", "sech(x)", r"\mathop{\mathrm{sech}}(x + y)"),
    (r"\lVert x \rVert + \|y\|", "abs(x) + abs(y)", r"\lVert x + y \rVert"),
    (r"\left\vert x \right\vert y", "abs(x)*y", r"\left\vert x y \right\vert"),
    (r"\underbrace{x + y}_{\text{both}} z", "(x + y)*z", r"\underbrace{x + y} {both} z"),
    (r"\underbrace{x + y}_\beta z", "(x + y)*z", r"\underbrace x_\beta z"),
    (r"\underbrace{x}_{y}^2", "x^2", r"\overbrace{x}^2_{y}"),
    (r"\overbrace{x + y}^2", "x + y", r"\underbrace{x + y}^2"),
    (r"\overbrace{\underbrace{x}_{a + b} + y}^c{}^2", "(x + y)^2", r"\overbrace{\underbrace{x}_{a + b} + y}^{c^2}"),
    (r"\prod_{t=1}^{3} x_t", "x[1]*x[2]*x[3]", r"\prod_{t=1}^{3} x_{t+1}"),
    (r"\prod_{t=1}^{2} (x + t) y", "(x + 1)*y*((x + 2)*y)", r"\prod_{t=1}^{2} (x + t) + y"),
    ("∏_{t=1}^{D} x", "x^D", "∏_{t=1}^{D} t"),
    (r"xₜ {y}", "x_t*y", r"xᵗ {y}"),
]
CASES = [
    *((C_BAR, *row) for rows in (ADJOINTS[:-1], TIMES, PRODUCTS, POWERS, SLOPES) for row in rows),
    *((MOMENTUM, *row) for rows in (GRADIENTS, NAMES) for row in rows),
    *((COUNTS, *row) for row in COUNTED),
    *((W_IX, *row) for row in (*SUMS, *DRESSED)),
    *((MOMENTUM, *row) for row in BLOCKS),
    *((OPEN, *row) for row in FUNCTIONS),
]


@pytest.mark.parametrize(("vocabulary", "formula", "same", "twin"), CASES, ids=[row[1] for row in CASES])
def test_a_notation_reads_as_plain_text_and_its_twin_does_not(
    vocabulary: Vocabulary, formula: str, same: str, twin: str
) -> None:
    reading = read(formula, vocabulary)
    assert reading.answer == parse(same)
    assert outcome(twin, vocabulary) != reading.answer


def test_the_derivative_of_the_loss_is_its_direct_term_in_the_formula_for_the_adjoint_only() -> None:
    direct = r"\frac{\partial L}{\partial h^{(t)}} + \bar{i}_{t+1}"
    assert read(direct, H_BAR).answer == parse("L_h[t] + i_bar[t + 1]")
    assert read(direct, C_BAR).answer == parse("h_bar[t] + i_bar[t + 1]")
    assert read(direct.replace("{(t)}", "{(t+1)}"), H_BAR).answer == parse("h_bar[t + 1] + i_bar[t + 1]")
    assert read(rf"\frac{{\partial L}}{{\partial h_t}} = {direct}", H_BAR).members == (parse("L_h[t] + i_bar[t + 1]"),)
    assert "the derivative of L by h[t] was read as L_h, its direct part" in read(direct, H_BAR).notes


@pytest.mark.parametrize("formula", ["2H", "h[t]", "h_t^2", "β", "x\n= y"])
def test_a_text_without_commands_or_braces_is_plain(formula: str) -> None:
    assert not is_latex(formula)
    assert is_latex(f"${formula}$")
    assert is_latex(f"{{{formula}}}")
    assert is_latex(formula + r"\cdot 1")


def test_without_a_claim_a_name_is_a_letter_with_its_subscript() -> None:
    assert read(r"xy_1 + \bar{w}_{ih} \alpha [z^{(t)} - 1]", OPEN).answer == parse("x*y_1 + w_ih_bar*alpha*(z[t] - 1)")


def test_without_a_claim_plain_text_keeps_its_words() -> None:
    assert read("xy_1 + x^(t)", OPEN).answer == parse("xy_1 + x^(t)")
