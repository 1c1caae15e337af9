"""Draws the results with gnuplot: bars for each bench, lines for growth."""

import itertools
import shutil
import subprocess

import summary

OURS = 0x2C6FB5
OTHERS = [0x7F7F7F, 0xA8328A, 0x1A9E9E, 0x4C9A2A, 0xD4A017, 0xC8501E]  # where they meet

HEAD = """\
set terminal svg size {width},{height} font "sans-serif,13" background "#ffffff"
set output "{output}"
set border 3 lw 0.7
set tics nomirror
set grid ytics lw 0.4 lc "#c8c8c8"
"""

BARS = """\
set title "{title}"
set ylabel "{unit}"
set yrange [0:*]
set xrange [-0.6:{places} - 0.4]
set boxwidth 0.6
set style fill solid
set xtics font ",11"
unset key
plot ${name} using 1:3:6:xtic(2) with boxes lc rgb variable, \\
     ${name} using 1:3:4:5 with yerrorbars lc "#404040" pt 0
"""

GROWTH = """\
set title "growth: cost of a task against the number of tasks"
set xlabel "number of tasks"
set ylabel "{unit}"
set logscale xy
# What has one result is seen, too.
set xrange [{least} / 1.5:{most} * 1.5]
set format x "%.0s%c"
set format y "%.0f"
set key outside right
plot {lines}
"""


def data(name, rows):
    return f"${name} << end\n" + "".join(row + "\n" for row in rows) + "end\n"


def quoted(text):
    # Gnuplot reads an underscore as the sign of an index.
    return text.replace("_", "\\\\_")


def layout_of(panels):
    """Rows and columns, of which there are three at most."""
    return -(-panels // 3), min(panels, 3)


def bars(results, bench):
    """A panel per case, each with its own scale."""
    unit = summary.unit_of(bench)
    better = "more" if unit.more_is_better else "less"
    cases = results.cases(bench)
    places = max(len(results.systems(bench, case)) for case in cases)
    blocks, panels = [], []
    for case in cases:
        rows = []
        for system in results.systems(bench, case):
            found = results.get(bench, case, system)
            colour = OURS if system == summary.OURS else 0xA8A8A8
            values = f"{found.median} {found.low} {found.high}"
            rows.append(f'{len(rows)} "{quoted(system)}" {values} {colour}')
        name = f"bars{len(blocks)}"
        blocks.append(data(name, rows))
        panels.append(
            BARS.format(
                name=name,
                title=quoted(f"{bench} {case}".strip()),
                unit=f"{unit.in_full}, {better} is better",
                places=places,
            )
        )
    layout = "set multiplot layout {},{}\n".format(*layout_of(len(cases)))
    return "".join(blocks) + layout + "".join(panels) + "unset multiplot\n"


def growth(results):
    blocks, lines = [], []
    others = itertools.cycle(OTHERS)
    cases = sorted(results.cases("growth"), key=int)
    for system in dict.fromkeys(name for case in cases for name in results.systems("growth", case)):
        rows = []
        for case in cases:
            found = results.get("growth", case, system)
            if found:
                rows.append(f"{case} {found.median} {found.low} {found.high}")
        name = f"line{len(blocks)}"
        blocks.append(data(name, rows))
        width, colour = (3, OURS) if system == summary.OURS else (1.5, next(others))
        lines.append(
            f"${name} with yerrorlines lw {width} lc rgb {colour} pt 7 ps 0.6"
            f' title "{quoted(system)}"'
        )
    return "".join(blocks) + GROWTH.format(
        unit=summary.unit_of("growth").in_full,
        least=cases[0],
        most=cases[-1],
        lines=", \\\n     ".join(lines),
    )


def draw(out, results):
    for old in out.glob("*.svg"):
        old.unlink()
    if shutil.which("gnuplot") is None:
        print("\nno plots: there is no gnuplot")
        return
    for bench in results.benches():
        is_growth = bench == "growth"
        panels = 1 if is_growth else len(results.cases(bench))
        body = growth(results) if is_growth else bars(results, bench)
        rows, columns = layout_of(panels)
        size = {"width": 280 + 480 * columns, "height": 420 * rows}
        head = HEAD.format(**size, output=out / f"{bench}.svg")
        subprocess.run(["gnuplot"], input=head + body, text=True, check=True)
