/*
 * Style sheets. The colours of series (Okabe and Ito's, darkened or lightened until text in them
 * has a contrast of 4.5 on its ground) can be told apart with any colour vision.
 */
#include "view/style.h"

#include <string.h>

static const char light[] =
    "--ground:#fff;--card:#fff;--sunk:#f5f6f8;--ink:#1a1f26;--soft:#59626e;--rule:#dfe3e8;"
    "--grid:#eceef1;--right:#1f6fd1;--wrong:#d9480f;--accent:#0b5cad;--good:#0a6b4f;"
    "--s0:#1f6fd1;--s1:#c2410c;--s2:#0a7a5a;--s3:#7c3aed;--s4:#8f6400;--s5:#0e7490;--s6:#be185d;"
    "--s7:#59626e;";
static const char dark[] =
    "--ground:#101317;--card:#171b21;--sunk:#1e232a;--ink:#e7eaee;--soft:#a3adb9;--rule:#2c333c;"
    "--grid:#242a32;--right:#3f7fd0;--wrong:#d9622b;--accent:#7db7ff;--good:#5fd0a8;"
    "--s0:#6cb0ff;--s1:#ff9d66;--s2:#54cda0;--s3:#c2a1ff;--s4:#e0b341;--s5:#5cd0e6;--s6:#ff8fc0;"
    "--s7:#a3adb9;";

static const char plot[] =
    ".plot{display:block;width:100%;height:auto;overflow:visible;"
    "font:11px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
    "font-variant-numeric:tabular-nums}"
    ".plot text{fill:var(--ink)}.plot .tick,.plot .name{fill:var(--soft)}"
    ".plot .mid{text-anchor:middle}.plot .end{text-anchor:end}"
    ".plot .mark{font-weight:600}.plot .label{font-weight:600}"
    ".plot .grid{stroke:var(--grid);fill:none}.plot .axis{stroke:var(--rule);fill:none}"
    ".plot .guide{stroke:var(--soft);fill:none;stroke-dasharray:3 3}"
    ".plot .spread{stroke:var(--ink);fill:none;stroke-width:1.5}"
    ".plot .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".plot .faint{stroke-width:1.4;stroke-dasharray:5 3}"
    ".plot [class^=ring]{fill:var(--card);stroke-width:2}"
    ".plot .points{fill:none;stroke-linecap:round}"
    ".plot .few{stroke-width:4.5;stroke-opacity:.6}.plot .many{stroke-width:3.4;stroke-opacity:.4}"
    ".plot .ground{fill:var(--sunk)}.plot .right{fill:var(--right)}.plot .wrong{fill:var(--wrong)}"
    ".s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}"
    ".s4{stroke:var(--s4)}.s5{stroke:var(--s5)}.s6{stroke:var(--s6)}.s7{stroke:var(--s7)}"
    ".f0{fill:var(--s0)}.f1{fill:var(--s1)}.f2{fill:var(--s2)}.f3{fill:var(--s3)}"
    ".f4{fill:var(--s4)}.f5{fill:var(--s5)}.f6{fill:var(--s6)}.f7{fill:var(--s7)}"
    ".plot .t0{fill:var(--s0)}.plot .t1{fill:var(--s1)}.plot .t2{fill:var(--s2)}"
    ".plot .t3{fill:var(--s3)}.plot .t4{fill:var(--s4)}.plot .t5{fill:var(--s5)}"
    ".plot .t6{fill:var(--s6)}.plot .t7{fill:var(--s7)}";

static const char body[] =
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}"
    "body{margin:0;background:var(--ground);color:var(--ink);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
    "font-variant-numeric:tabular-nums}"
    "main{max-width:1120px;margin:0 auto;padding:2.5rem 1.25rem 4rem}"
    "h1,h2,h3,p{margin:0}a{color:var(--accent)}"
    "h1{font-size:2rem;line-height:1.2;letter-spacing:-.02em;font-weight:680;"
    "overflow-wrap:anywhere}"
    "h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;font-weight:650;margin-bottom:."
    "25rem}"
    "h3{font-size:.95rem;font-weight:620;margin:1.5rem 0 .5rem}"
    ".over{color:var(--soft);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase;"
    "font-weight:600;margin-bottom:.35rem}"
    ".sub,.note{color:var(--soft)}.sub{margin-top:.5rem;overflow-wrap:anywhere}"
    ".note{font-size:.9rem;max-width:46rem;margin-bottom:.9rem}"
    ".gap{border-left:3px solid var(--wrong);padding:.35rem .9rem;margin-top:1.25rem;"
    "background:var(--sunk);font-size:.9rem;overflow-wrap:anywhere}"
    "section{margin-top:3rem}"
    "nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin-top:1.75rem;padding-top:.9rem;"
    "border-top:1px solid var(--rule);font-size:.9rem}nav a{text-decoration:none}"
    "nav a:hover{text-decoration:underline}";

static const char parts[] =
    ".stats{display:flex;flex-wrap:wrap;gap:1px;margin:1.75rem 0 "
    "0;background:var(--rule);border:1px solid var(--rule);"
    "border-radius:12px;overflow:hidden}"
    ".stats div{flex:1 1 150px;min-width:0;background:var(--card);padding:.85rem 1rem}"
    ".stats dt{color:var(--soft);font-size:.82rem}.stats dd{margin:0;font-size:1.45rem;"
    "font-weight:650;letter-spacing:-.01em;line-height:1.3;overflow-wrap:anywhere}"
    ".stats dd small{display:block;font-size:.8rem;font-weight:400;letter-spacing:0;"
    "color:var(--soft);line-height:1.4;margin-top:.1rem}"
    ".stats .main{flex:2 1 310px}.stats .main dd{font-size:2.2rem;color:var(--accent)}"
    ".grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,"
    "minmax(min(100%,330px),1fr))}.grid figure{max-width:560px}h2+.grid,h2+.scroll{"
    "margin-top:.75rem}"
    ".grid.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr))}"
    ".grid.wide{grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}"
    "figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:12px;"
    "padding:.8rem .9rem .7rem;min-width:0;break-inside:avoid}"
    "figcaption{font-size:.9rem;font-weight:620;margin-bottom:.4rem;overflow-wrap:anywhere}"
    "figcaption small{font-weight:400;color:var(--soft);font-size:.82rem}"
    ".scroll{overflow-x:auto;border:1px solid "
    "var(--rule);border-radius:12px;background:var(--card)}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{padding:.42rem .9rem;text-align:left;border-top:1px solid var(--grid);"
    "vertical-align:top}thead th{border-top:0;color:var(--soft);font-weight:600;"
    "font-size:.82rem;white-space:nowrap;background:var(--sunk)}"
    "tbody th{font-weight:500}.n{text-align:right;white-space:nowrap}.w{white-space:nowrap}"
    "figure table{margin-top:.2rem}figure th,figure td{padding:.38rem .4rem}"
    "figure .wrap{min-width:0}@media(max-width:640px){.track{display:none}}"
    ".best{font-weight:680;color:var(--good)}.wrap{overflow-wrap:anywhere;min-width:9rem}"
    ".path{min-width:16rem}"
    ".hash{font:.8rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;"
    "overflow-wrap:anywhere;min-width:12rem}"
    ".bar{display:inline-block;height:.5rem;border-radius:2px;background:var(--s0);"
    "vertical-align:middle;min-width:1px}.track{display:inline-block;width:4.5rem;"
    "margin-left:.6rem;text-align:left;background:var(--grid);border-radius:2px;line-height:0;"
    "vertical-align:middle}"
    ".foot td,.foot th{border-top:1px solid var(--rule);font-weight:600}";

static const char rest[] =
    ".tiles{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(104px,1fr))}"
    ".tile{font-size:.8rem;line-height:1.35;min-width:0;overflow-wrap:anywhere}"
    ".tile b{font-weight:620}.tile span{color:var(--soft)}"
    ".tile img,.tile svg{width:100%;height:auto;aspect-ratio:1;object-fit:contain;"
    "border-radius:8px;border:1px solid var(--rule);margin-bottom:.3rem;background:var(--sunk)}"
    "img{image-rendering:pixelated;display:block;max-width:100%}"
    ".filters{display:grid;gap:6px;grid-template-columns:repeat(auto-fill,minmax(46px,1fr))}"
    ".filters img{width:100%;height:auto;border-radius:4px}.sheet{width:100%;height:auto;"
    "border-radius:6px}"
    ".key{display:flex;align-items:center;gap:.6rem;font-size:.82rem;color:var(--soft);"
    "margin-top:.8rem}.key i{display:inline-block;width:120px;height:10px;border-radius:3px;"
    "background:linear-gradient(90deg,#b2450b,#f4f4f2,#1b62b8)}"
    "details{border:1px solid var(--rule);border-radius:12px;background:var(--card);"
    "margin-top:.75rem}summary{cursor:pointer;padding:.6rem 1rem;font-size:.9rem;"
    "font-weight:600}details pre{border-top:1px solid var(--grid)}"
    "pre{margin:0;padding:.9rem 1rem;overflow-x:auto;font:.8rem/1.55 ui-monospace,"
    "SFMono-Regular,Menlo,Consolas,monospace}"
    ".dot{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;margin-right:.45rem;"
    "vertical-align:baseline}"
    ".d0{background:var(--s0)}.d1{background:var(--s1)}.d2{background:var(--s2)}"
    ".d3{background:var(--s3)}.d4{background:var(--s4)}.d5{background:var(--s5)}"
    ".d6{background:var(--s6)}.d7{background:var(--s7)}"
    "footer{margin-top:3rem;padding-top:.9rem;border-top:1px solid var(--rule);"
    "color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}"
    "@media(max-width:480px){main{padding:1.5rem 1rem 3rem}h1{font-size:1.6rem}"
    "section{margin-top:2.25rem}th,td{padding:.4rem .6rem}}"
    "@media print{main{max-width:none;padding:0}nav{display:none}section{margin-top:1.5rem}"
    "figure,tr,.tile{break-inside:avoid}h2{break-after:avoid}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

/* Paper is white, whatever the screen was. */
static void put_colors(nn_buf *out)
{
    nn_buf_printf(out, ":root{color-scheme:light dark;%s}", light);
    nn_buf_printf(out, "@media screen and (prefers-color-scheme:dark){:root{%s}}", dark);
}

void nn_style_page(nn_buf *out)
{
    put_colors(out);
    nn_buf_put(out, body);
    nn_buf_put(out, parts);
    nn_buf_put(out, plot);
    nn_buf_put(out, rest);
}

void nn_style_plot(nn_buf *out)
{
    put_colors(out);
    nn_buf_put(out, plot);
}

void nn_style_alone(nn_buf *out, const char *svg, size_t len)
{
    static const char tag[] = "<svg ";
    const char *head = memchr(svg, '>', len);

    nn_buf_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" ");
    nn_buf_add(out, svg + sizeof tag - 1, (size_t)(head + 1 - svg) - (sizeof tag - 1));
    nn_buf_put(out, "<style>");
    nn_style_plot(out);
    nn_buf_put(out, "svg{background:var(--card)}</style>");
    nn_buf_add(out, head + 1, len - (size_t)(head + 1 - svg));
}
