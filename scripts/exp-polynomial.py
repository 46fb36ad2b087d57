"""The polynomials for e^r of native/device/cpu/pack_math.h: 1 + r*q(r) nearest to e^r relative to
it over |r| <= ln 2 / 2, by Remez's exchange. Needs mpmath.

    python3 scripts/exp-polynomial.py
"""

import mpmath as mp

mp.mp.dps = 50
HALF_LN2 = mp.log(2) / 2
GRID = [HALF_LN2 * (2 * mp.mpf(i) / 4000 - 1) for i in range(4001)]


def fit(points, degree):
    """The terms c1... whose relative error is +-E in turns at the points."""
    rows = [[x**k / mp.exp(x) for k in range(1, degree + 1)] + [(-1) ** i] for i, x in enumerate(points)]
    solution = mp.lu_solve(mp.matrix(rows), mp.matrix([1 - mp.exp(-x) for x in points]))
    return list(solution[:degree])


def relative_error(terms, x):
    return mp.polyval([*reversed(terms), 1], x) / mp.exp(x) - 1


def extremes(terms, count):
    """The places of the largest errors, of which neighbours differ in sign."""
    found = []
    for x in GRID:
        error = relative_error(terms, x)
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
    points = [HALF_LN2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / count) for i in reversed(range(count))]
    points = [x if x != 0 else GRID[2001] for x in points]  # where the error is 0 of itself
    for _ in range(20):
        terms = fit(points, degree)
        places = extremes(terms, count)
        if places == points:
            break
        if len(places) == count:
            points = places
    return terms


for name, degree, digits in (("float", 6, 17), ("double", 11, 20)):
    terms = polynomial(degree)
    worst = max(abs(relative_error(terms, x)) for x in GRID)
    print(f"{name}, to within {mp.nstr(worst, 2)}: {', '.join(mp.nstr(c, digits) for c in terms)}")
