"""Finds good (for small instances: the best) solutions of QUBO problems by tabu search.

data    the text of a .qubo file, or {"n": …, "terms": [[i, j, weight], …]} with 0 <= i, j < n; i = j is a linear term
params  {"seed": 1, "timeMs": 2000, "iterations": unlimited, "sense": "max"}
result  {"best", "x", "n", "iterations", "seed", "timeToBestMs"}: best is the sum of the terms at the bit string x

The twin of qubo.mjs: the same seed and number of iterations give the same x.
"""

import math
import time

PAUSE_EVERY = 1_024


def run(data, params, context):
    problem = parse_qubo(data) if isinstance(data, str) else check_problem(data)
    params = params or {}
    seed = params.get("seed", 1)
    sense = params.get("sense", "max")
    n, terms = problem
    print(f"{n} variables, {len(terms)} terms, seed {seed}, sense {sense}")
    result = search(
        n,
        terms,
        seed=seed,
        time_ms=params.get("timeMs", 2_000),
        iterations=params.get("iterations", math.inf),
        sign=-1 if sense == "min" else 1,
        context=context,
    )
    print(f"best {result['best']} after {result['iterations']} iterations, found at {result['timeToBestMs']} ms")
    return result


def parse_qubo(text):
    """qbsolv's format: `c` comments, `p qubo topology n diagonals couplers`, then `i j weight` lines, 0-based."""
    n = None
    terms = []
    for number, line in enumerate(text.split("\n"), start=1):
        fields = line.split()
        if not fields or fields[0].startswith(("c", "#")):
            continue
        if fields[0] == "p":
            n = int(fields[3])
            continue
        try:
            terms.append([int(fields[0]), int(fields[1]), float(fields[2])])
        except (ValueError, IndexError):
            raise SyntaxError(f'line {number} of the .qubo text is not "i j weight": {line}') from None
    if n is None:
        raise SyntaxError('the .qubo text has no "p qubo ..." line')
    return check_problem({"n": n, "terms": terms})


def check_problem(problem):
    if not isinstance(problem, dict) or not isinstance(problem.get("n"), int) or not isinstance(problem.get("terms"), list):
        raise TypeError("data is neither .qubo text nor { n, terms }")
    n = problem["n"]
    for i, j, _ in problem["terms"]:
        if not (0 <= i < n and 0 <= j < n):
            raise IndexError(f"the term [{i}, {j}] is outside 0..{n - 1}")
    return n, problem["terms"]


def random_numbers(seed):
    """mulberry32: small, seeded, the same in every language with 32-bit integers."""
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t = (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF) & 0xFFFFFFFF) ^ t
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4_294_967_296


def search(n, terms, seed, time_ms, iterations, sign, context):
    gain = [0.0] * n
    neighbours = [[] for _ in range(n)]
    for i, j, weight in terms:
        if i == j:
            gain[i] += sign * weight
        else:
            neighbours[i].append((j, sign * weight))
            neighbours[j].append((i, sign * weight))

    numbers = random_numbers(seed)
    started = time.monotonic()
    patience = max(500, 20 * n)
    short_tenure = min(20, n // 4)
    x = [0] * n
    tabu_until = [0] * n
    value = 0.0

    def flip(i):
        nonlocal value
        value += gain[i]
        gain[i] = -gain[i]
        x[i] = 1 - x[i]
        direction = 1 if x[i] == 1 else -1
        for j, weight in neighbours[i]:
            gain[j] += direction * weight if x[j] == 0 else -direction * weight

    for i in range(n):
        if next(numbers) < 0.5:
            flip(i)
    best_value, best_x, best_at = value, x[:], 0.0
    since_best = 0
    step = 0

    while step < iterations:
        if step % PAUSE_EVERY == 0:
            elapsed = (time.monotonic() - started) * 1_000
            if elapsed >= time_ms:
                break
            if context is not None:
                context.progress(min(0.99, max(elapsed / time_ms, step / iterations)), f"best {whole(sign * best_value)}")
                if context.cancelled():
                    raise InterruptedError("The run was cancelled.")
        step += 1

        chosen = -1
        for i in range(n):
            if tabu_until[i] >= step and value + gain[i] <= best_value:
                continue
            if chosen == -1 or gain[i] > gain[chosen]:
                chosen = i
        if chosen == -1:
            chosen = math.floor(next(numbers) * n)
        flip(chosen)
        tabu_until[chosen] = step + short_tenure + math.floor(next(numbers) * 10)

        if value > best_value:
            best_value, best_x, best_at = value, x[:], time.monotonic() - started
            since_best = 0
            print(f"step {step}: {whole(sign * value)}")
            continue
        since_best += 1
        if since_best >= patience:
            # Stuck: another start, either near the best or anywhere.
            share = 0.2 if next(numbers) < 0.5 else 0.5
            for i in range(n):
                if (x[i] != best_x[i] and share < 0.5) != (next(numbers) < share):
                    flip(i)
            since_best = 0

    return {
        "best": whole(evaluate(terms, best_x)),
        "x": "".join(map(str, best_x)),
        "n": n,
        "iterations": step,
        "seed": seed,
        "timeToBestMs": round(best_at * 1_000),
    }


def evaluate(terms, x):
    """The sum of the terms at x, added up from the instance itself and not from the search's running value."""
    return sum(weight for i, j, weight in terms if x[i] == 1 and x[j] == 1)


def whole(number):
    return int(number) if float(number).is_integer() else number
