"""Draws the results with gnuplot: bars for each bench, lines for growth."""

import shutil
import subprocess

import summary

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
set xrange [-0.6:{last}.6]
set boxwidth 0.6
set style fill solid
set xtics font ",11"
unset key
plot ${name} using 1:3:6:xtic(2) with boxes lc rgb variable, \\
     ${name} using 1:3:4:5 with yerrorbars lc "#404040" pt 0
"""

GROWTH = """\
set title "growth: cost of a task against the number of tasks"
set xlabel "tasks"
set ylabel "{unit}"
set logscale xy
set format xy "%.0s%c"
set key outside right
plot {lines}
"""


def data(name, rows):
    return f"${name} << end\n" + "".join(row + "\n" for row in rows) + "end\n"


def quoted(text):
    # Gnuplot reads an underscore as the sign of an index.
    return text.replace("_", "\\\\_")


def bars(results, bench):
    """A panel per case, each with its own scale."""
    unit = summary.unit_of(bench)
    better = "more" if unit.more_is_better else "less"
    cases = results.cases(bench)
    blocks, panels = [], []
    for case in cases:
        rows = []
        for system in results.systems(bench, case):
            found = results.get(bench, case, system)
            colour = 0x2C6FB5 if system == summary.OURS else 0xA8A8A8
            values = f"{found.median} {found.low} {found.high}"
            rows.append(f'{len(rows)} "{quoted(system)}" {values} {colour}')
        name = f"bars{len(blocks)}"
        blocks.append(data(name, rows))
        panels.append(
            BARS.format(
                name=name,
                title=quoted(f"{bench} {case}".strip()),
                unit=f"{unit.name}, {better} is better",
                last=len(rows) - 1,
            )
        )
    layout = f"set multiplot layout 1,{len(cases)}\n"
    return "".join(blocks) + layout + "".join(panels) + "unset multiplot\n"


def growth(results):
    blocks, lines = [], []
    cases = results.cases("growth")
    for system in dict.fromkeys(name for case in cases for name in results.systems("growth", case)):
        rows = []
        for case in sorted(cases, key=int):
            found = results.get("growth", case, system)
            if found:
                rows.append(f"{case} {found.median} {found.low} {found.high}")
        name = f"line{len(blocks)}"
        blocks.append(data(name, rows))
        width = 3 if system == summary.OURS else 1.5
        lines.append(f'${name} using 1:2 with linespoints lw {width} pt 7 ps 0.5 title "{quoted(system)}"')
    return "".join(blocks) + GROWTH.format(
        unit=summary.unit_of("growth").name, lines=", \\\n     ".join(lines)
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
        head = HEAD.format(width=280 + 480 * panels, height=420, output=out / f"{bench}.svg")
        subprocess.run(["gnuplot"], input=head + body, text=True, check=True)
