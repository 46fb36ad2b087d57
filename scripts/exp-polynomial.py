"""The polynomials for e^r of native/device/cpu/pack_math.h: 1 + r*q(r) nearest to e^r relative to
it over |r| <= ln 2 / 2, by Remez's exchange. The error is 0 at r = 0 and changes its sign there of
itself: what alternates is sign(r) times it. Needs mpmath.

    python3 scripts/exp-polynomial.py
"""

import mpmath as mp

mp.mp.dps = 50
HALF_LN2 = mp.log(2) / 2
GRID = [HALF_LN2 * i / 2000 for i in range(-2000, 2001) if i != 0]


def fit(points, degree):
    """The terms c1... whose relative error times sign(r) is +-E in turns at the points."""
    rows = [
        [x**k / mp.exp(x) for k in range(1, degree + 1)] + [(-1) ** i * mp.sign(x)]
        for i, x in enumerate(points)
    ]
    solution = mp.lu_solve(mp.matrix(rows), mp.matrix([1 - mp.exp(-x) for x in points]))
    return list(solution[:degree])


def relative_error(terms, x):
    return mp.polyval([*reversed(terms), 1], x) / mp.exp(x) - 1


def extremes(terms, count):
    """The places of the largest errors, of which neighbours alternate."""
    found = []
    for x in GRID:
        error = mp.sign(x) * relative_error(terms, x)
        if found and (found[-1][1] > 0) == (error > 0):
            if abs(error) > abs(found[-1][1]):
                found[-1] = (x, error)
        else:
            found.append((x, error))
    while len(found) > count:
        found.pop(0 if abs(found[0][1]) < abs(found[-1][1]) else -1)
    return [x for x, _ in found]


def polynomial(degree):
    count = degree + 1
    nodes = [HALF_LN2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / count) for i in reversed(range(count))]
    points = [min(GRID, key=lambda x, node=node: abs(x - node)) for node in nodes]
    for _ in range(20):
        terms = fit(points, degree)
        places = extremes(terms, count)
        if places == points:
            break
        if len(places) == count:
            points = places
    return terms


def rounded(term, bits):
    with mp.workprec(bits):
        return +term


def worst(terms):
    return mp.nstr(max(abs(relative_error(terms, x)) for x in GRID), 2)


for name, degree, bits, digits in (("float", 6, 24, 17), ("double", 11, 53, 20)):
    terms = polynomial(degree)
    stored = worst([rounded(term, bits) for term in terms])
    print(f"{name}, to within {worst(terms)}, {stored} as {name}s: ", end="")
    print(", ".join(mp.nstr(term, digits) for term in terms))
