#include "code_audit/functions.hpp"

#include <fmt/format.h>

#include <string>

#include "catch.hpp"
#include "code_audit/mask.hpp"

using namespace code_audit;

namespace {

/// "name line+length" for each function, the depth behind a slash where there is one.
std::string found(std::string_view text, language lang) {
  const std::string masked = mask(text, lang);
  const line_index lines(text);
  std::string all;
  for (const function_found& f : find_functions({text, masked, lang, lines})) {
    all += fmt::format("{}{} {}+{}", all.empty() ? "" : ", ", f.name, f.line, f.length);
    if (f.depth > 0) all += fmt::format("/{}", f.depth);
  }
  return all;
}

std::string cpp(std::string_view text) { return found(text, language::cpp); }

}  // namespace

TEST_CASE("a function begins at its name and ends at its brace", "[code_audit]") {
  CHECK(cpp("static int\nf(int a)\n{\n  return a;\n}\n") == "f 2+4");
  CHECK(cpp("int f();\nint g() { return 1; }") == "g 2+1");
}

TEST_CASE("braces in strings, characters, comments and macros close nothing", "[code_audit]") {
  CHECK(cpp("void f() {\n  g(\"}\", '}', R\"(})\"); // }\n#define X }\n}\n") == "f 1+4");
}

TEST_CASE("nested blocks make the depth, else-branches do not", "[code_audit]") {
  CHECK(cpp("void f() { if (a) { } else if (b) { for (;;) { } } }") == "f 1+1/2");
  CHECK(cpp("void f() { int a[] = {1, {2}}; }") == "f 1+1");
}

TEST_CASE("control statements, types and initialisers are no functions", "[code_audit]") {
  CHECK(cpp("struct a : b<decltype(c())> { };\nnamespace x { enum class e : int { p }; }").empty());
  CHECK(cpp("int a[] = {f(1), 2};\nauto l = [](int x) { return x; };").empty());
  CHECK(cpp("void f() { MACRO(x) { } }") == "f 1+1/1");
}

TEST_CASE("names keep their qualifiers and lose template arguments", "[code_audit]") {
  CHECK(cpp("template <class T> void a<T>::b::c(T) {}") == "a::b::c 1+1");
  CHECK(cpp("a::~a() {}") == "a::~a 1+1");
  CHECK(cpp("bool operator()(int) const { }") == "operator() 1+1");
  CHECK(cpp("operator bool() const {}") == "operator bool 1+1");
  CHECK(cpp("a& operator<<(b) { }") == "operator<< 1+1");
}

TEST_CASE("constructors are found behind their initialisers", "[code_audit]") {
  CHECK(cpp("class a {\n public:\n  a(int x) : b(x), c_{x}, d<int>{x} {\n  }\n};") == "a 3+2");
}

TEST_CASE("qualifiers, trailing results and attributes may stand around a name", "[code_audit]") {
  CHECK(cpp("struct a { b& f() & { } c g() const&& noexcept(true) { } };") == "f 1+1, g 1+1");
  CHECK(cpp("template <class T> auto f(T t) -> std::enable_if<x<T>::y, int>::type { }") == "f 1+1");
  CHECK(cpp("EXPORT(int) f(int a) { }") == "f 1+1");
  CHECK(cpp("std::function<void(int)> f() { }") == "f 1+1");
}

TEST_CASE("a test is named by its macro and what stands between the brackets", "[code_audit]") {
  CHECK(cpp("TEST_CASE(\"a {fact}\", \"[x]\") {\n}\n") == "TEST_CASE(\"a {fact}\", \"[x]\") 1+2");
}

TEST_CASE("both branches of an #if may open the same function", "[code_audit]") {
  CHECK(cpp("#if A\nvoid f(int) {\n#else\nvoid f() {\n#endif\n}\nvoid g() {\n}\n") ==
        "f 4+3, g 7+2");
}

TEST_CASE("functions of Java and C# are found in their classes", "[code_audit]") {
  CHECK(found("@A(b = 1) class C {\n  int[] x = {1};\n  @B(\"c\") <T> void f(T t) throws E {\n"
              "    run(new R() { public void go() { } });\n  }\n}",
              language::java) == "f 3+3, go 4+1");
  CHECK(found("class P {\n int X { get { return 1; } }\n P(int a) : base(a) { }\n"
              " async Task<T> F<T>(T t) where T : class {\n  foreach (var i in t) { }\n }\n}",
              language::csharp) == "P 3+1, F 4+3/1");
}

TEST_CASE("functions of scripts are named by declaration, method or assignment", "[code_audit]") {
  CHECK(found("function a() {\n}\nconst b = async (x) => {\n}\nc.d = function () { }\n"
              "class E { get f() { } static *g() { } h = () => { } }\n"
              "const o = { i() { }, j: function () { } }\n",
              language::javascript) == "a 1+2, b 3+2, d 5+1, f 6+1, g 6+1, h 6+1, i 7+1, j 7+1");
  CHECK(found("export const f = async (x: { a: number }): Promise<void> => {\n  it(() => { })\n}\n"
              "class K { m<T>(a: T): Map<T, T> { } }",
              language::typescript) == "f 1+3/1, m 4+1");
}

TEST_CASE("functions of Go, Rust and Kotlin follow their keyword", "[code_audit]") {
  CHECK(found("func (t *T) A(x int) (int, error) {\n\tf := func() { }\n}\n"
              "func B() interface{} { return nil }\nfunc C[K any](k K) {\n}",
              language::go) == "A 1+3/1, B 4+1, C 5+2");
  CHECK(found("pub fn a<'x>(y: &'x str) -> [u8; 2] {\n  match y { _ => { } }\n}\n"
              "impl<T: Fn(i32)> A for B { async fn c(&self) { } fn d(); }",
              language::rust) == "a 1+3/2, c 4+1");
  CHECK(found("fun <T> List<T>.go(x: Int): T {\n}", language::kotlin) == "go 1+2");
}

TEST_CASE("a Python function lasts while lines are indented deeper", "[code_audit]") {
  CHECK(found("class A:\n  @x\n  async def f(self,\n        b=1):\n    \"\"\"Doc\n\nend\"\"\"\n"
              "    if b:\n      s = '''\ndef no():\n'''\n\n  # about g\n  def g(self): pass\n",
              language::python) == "f 3+9/1, g 14+1");
  CHECK(found("def f():\n  def g():\n    return 1\n  return g\n", language::python) ==
        "f 1+4/1, g 2+2");
}

TEST_CASE("shell functions are found in both spellings", "[code_audit]") {
  CHECK(found("a() {\n  echo \"}\" # }\n  if x; then for i in y; do :; done; fi\n}\n"
              "function b { :; }\nc()\n{\n}\nd () ( : )\n",
              language::shell) == "a 1+4/2, b 5+1, c 6+3");
}

TEST_CASE("broken sources are survived", "[code_audit]") {
  CHECK(cpp("}}}) void f() {").empty());
  CHECK(cpp("void f( { }").empty());
  CHECK(cpp("#else\n#endif\n#if\nvoid f() { }") == "f 4+1");
  CHECK(found("def :\n  def\n", language::python).empty());
  CHECK(cpp(std::string(100'000, '{')).empty());
  CHECK(cpp(std::string(100'000, '(') + std::string(100'000, ')')).empty());
  for (std::size_t i = 0; i < language_count; ++i) {
    CHECK(found("", static_cast<language>(i)).empty());
    CHECK_NOTHROW(found("\x01\x02\x03 {(['\"`/*#<<\\", static_cast<language>(i)));
  }
}
