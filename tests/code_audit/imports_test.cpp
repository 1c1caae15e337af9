#include "code_audit/imports.hpp"

#include <string>

#include "catch.hpp"
#include "code_audit/mask.hpp"

using namespace code_audit;

namespace {

std::string found(std::string_view text, language lang) {
  const std::string masked = mask(text, lang);
  const line_index lines(text);
  std::string all;
  for (const import_found& i : find_imports({text, masked, lang, lines})) {
    all += (all.empty() ? "" : " ") + i.target + "@" + std::to_string(i.line);
  }
  return all;
}

}  // namespace

TEST_CASE("includes of C and C++ are found in all spellings", "[code_audit]") {
  CHECK(found("#include <a/b.h>\n # include \"c.h\" // x\n#include_next <d>\n#include MACRO\n",
              language::cpp) == "a/b.h@1 c.h@2 d@3 MACRO@4");
}

TEST_CASE("includes in comments and strings do not count", "[code_audit]") {
  CHECK(found("// #include <a>\n/*\n#include <b>\n*/\nx = R\"(\n#include <c>\n)\";", language::cpp)
            .empty());
  CHECK(found("#included <a>\n#include\n#include <a\n", language::cpp).empty());
}

TEST_CASE("imports of Python name each module", "[code_audit]") {
  CHECK(found("import a.b, c as d\nfrom .e import (f,\n  g)\nfrom . import h\n'''\nimport no\n'''\n"
              "important = 1\nyield from x\n",
              language::python) == "a.b@1 c@1 .e@2 .@4");
}

TEST_CASE("imports of the other languages are found", "[code_audit]") {
  CHECK(found("import a.B;\nimport static c.*;", language::java) == "a.B@1 c.*@2");
  CHECK(found("using A.B;\nusing static C;\nusing (var x = y) {}\nusing var z = w;\nusing D = E.F;",
              language::csharp) == "A.B@1 C@2 E.F@5");
  CHECK(found("import \"a\"\nimport (\n\t\"b/c\"\n\td \"e\"\n)\nvar x = \"f\"", language::go) ==
        "a@1 b/c@3 e@4");
  CHECK(found("use a::b::{c, d};\npub(crate) use e;\nextern crate f;", language::rust) ==
        "a::b@1 e@2 f@3");
  CHECK(found("import a from 'b'\nimport 'c'\nimport {\n  d,\n} from \"e\"\n"
              "const f = require('g')\nexport * from 'h'\nexport const i = 'j'\nawait import('k')",
              language::typescript) == "b@1 c@2 e@5 g@6 h@7 k@9");
  CHECK(found(". ./a.sh\nsource b; x\n.hidden", language::shell) == "./a.sh@1 b@2");
}

TEST_CASE("languages without a known form of import give none", "[code_audit]") {
  CHECK(found("#include <a>\nimport b", language::text).empty());
  CHECK(found("", language::cpp).empty());
}
