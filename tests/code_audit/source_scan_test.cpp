#include "code_audit/source_scan.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "catch.hpp"
#include "temp_folder.hpp"

using namespace code_audit;
using code_audit::testing::as_nobody;
using code_audit::testing::temp_folder;

namespace {

file_findings findings(std::string name, std::string_view text) {
  const scan_result result = scan_text(std::move(name), text);
  REQUIRE(std::holds_alternative<file_findings>(result));
  return std::get<file_findings>(result);
}

problem_kind kind_of(const scan_result& result) {
  REQUIRE(std::holds_alternative<scan_problem>(result));
  CHECK_FALSE(std::get<scan_problem>(result).message.empty());
  return std::get<scan_problem>(result).kind;
}

}  // namespace

TEST_CASE("lines are newline characters, and an unterminated last line is told", "[code_audit]") {
  CHECK(findings("a.txt", "").lines == 0);
  CHECK(findings("a.txt", "").all_lines() == 0);
  CHECK(findings("a.txt", "a\nb\n").lines == 2);
  CHECK_FALSE(findings("a.txt", "a\nb\n").is_unterminated);
  CHECK(findings("a.txt", "a\nb").lines == 1);
  CHECK(findings("a.txt", "a\nb").is_unterminated);
  CHECK(findings("a.txt", "a\nb").all_lines() == 2);
}

TEST_CASE("blank, comment and code lines add up to all lines", "[code_audit]") {
  const auto found = findings("a.cpp", "// a\n\nint b; // c\n/* d\n\n e */\n  \nint f;");
  CHECK(found.bytes == 39);
  CHECK(found.blank_lines == 3);
  CHECK(found.comment_lines == 3);
  CHECK(found.code_lines == 2);
  CHECK(found.blank_lines + found.comment_lines + found.code_lines == found.all_lines());
}

TEST_CASE("the first of the longest lines is told in bytes", "[code_audit]") {
  const auto found = findings("a.txt", "ab\nabc\nxyz\n");
  CHECK(found.longest_line == 2);
  CHECK(found.longest_line_bytes == 3);
  CHECK(findings("a.txt", "").longest_line == 0);
}

TEST_CASE("markers count by line and only as words", "[code_audit]") {
  const auto found = findings("a.py",
                              "# TODO: one TODO FIXME\nTODOS = MY_TODO\nXXX\n# xTODO todo\n"
                              "HACK-y\nXXXX TODO2 FIXME");
  CHECK(found.marker_lines == 4);
  REQUIRE(found.markers.size() == 4);
  CHECK(found.markers[0] == marker_found{1, "TODO: one TODO FIXME"});
  CHECK(found.markers[2] == marker_found{5, "HACK-y"});
  CHECK(found.markers[3] == marker_found{6, "FIXME"});
}

TEST_CASE("listed markers are bounded and counted markers are not", "[code_audit]") {
  const auto result = scan_text("a.txt", "TODO\nTODO\nTODO\n", {.max_markers = 2});
  CHECK(std::get<file_findings>(result).marker_lines == 3);
  CHECK(std::get<file_findings>(result).markers.size() == 2);
}

TEST_CASE("functions come longest first", "[code_audit]") {
  const auto found = findings("a.cpp", "void a() {}\nvoid b() {\n\n}\nvoid c() {\n\n}\n");
  REQUIRE(found.function_count == 3);
  CHECK(found.functions[0].name == "b");
  CHECK(found.functions[1].name == "c");
  CHECK(found.functions[2].name == "a");
}

TEST_CASE("a file on disk gives the findings of its text", "[code_audit]") {
  const temp_folder folder;
  const std::string text = "#include <a>\r\nint f() { return 1; }\r\n";
  const auto file = folder.write("a.cpp", text);
  CHECK(std::get<file_findings>(scan_file(file)) == findings(file.string(), text));
}

TEST_CASE("a NUL byte early on makes a file binary", "[code_audit]") {
  CHECK(kind_of(scan_text("a.c", std::string("ab\0c", 4))) == problem_kind::binary);
  const std::string late = std::string(9000, 'a') + std::string(1, '\0');
  CHECK(std::holds_alternative<file_findings>(scan_text("a.c", late)));
}

TEST_CASE("noise is binary and old encodings are text", "[code_audit]") {
  CHECK(kind_of(scan_text("a.c", std::string(100, '\xff'))) == problem_kind::binary);
  CHECK(kind_of(scan_text("a.c", std::string(100, '\x07'))) == problem_kind::binary);
  CHECK_FALSE(is_binary("na\xefve caf\xe9 in latin 1"));
  CHECK_FALSE(is_binary("\xe2\x82\xac and \x1b[1m"));
  CHECK_FALSE(is_binary(""));
}

TEST_CASE("a file beyond the limit is not read", "[code_audit]") {
  const temp_folder folder;
  const auto file = folder.write("a.c", "12345");
  CHECK(kind_of(scan_file(file, {.max_bytes = 4})) == problem_kind::too_large);
  CHECK(std::holds_alternative<file_findings>(scan_file(file, {.max_bytes = 5})));
  CHECK(kind_of(scan_text("a.c", "12345", {.max_bytes = 4})) == problem_kind::too_large);
  CHECK(kind_of(scan_file("/proc/self/status", {.max_bytes = 4})) == problem_kind::too_large);
}

TEST_CASE("a file that is not there has vanished", "[code_audit]") {
  const temp_folder folder;
  CHECK(kind_of(scan_file(folder.path() / "gone.c")) == problem_kind::vanished);
}

TEST_CASE("a file without permission is unreadable", "[code_audit]") {
  const temp_folder folder;
  const auto file = folder.write("a.c", "x");
  ::chmod(file.c_str(), 0);
  const as_nobody user;
  CHECK(kind_of(scan_file(file)) == problem_kind::unreadable);
}

TEST_CASE("nothing but regular files is opened", "[code_audit]") {
  const temp_folder folder;
  const auto target = folder.write("a.c", "x");
  const auto link = folder.path() / "link.c";
  std::filesystem::create_symlink(target, link);
  const auto fifo = folder.path() / "fifo.c";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);

  CHECK(kind_of(scan_file(link)) == problem_kind::symlink);
  CHECK(kind_of(scan_file(fifo)) == problem_kind::not_regular);
  CHECK(kind_of(scan_file(folder.path())) == problem_kind::not_regular);
  CHECK(kind_of(scan_file("/dev/null")) == problem_kind::not_regular);
}

TEST_CASE("each error of the system gets a kind", "[code_audit]") {
  CHECK(problem_from_errno("a", ENOENT).kind == problem_kind::vanished);
  CHECK(problem_from_errno("a", EPERM).kind == problem_kind::unreadable);
  CHECK(problem_from_errno("a", ELOOP).kind == problem_kind::symlink);
  CHECK(problem_from_errno("a", ENXIO).kind == problem_kind::not_regular);
  CHECK(problem_from_errno("a", EIO).kind == problem_kind::read_failed);
  CHECK(problem_kind_from(to_string(problem_kind::mount_point)) == problem_kind::mount_point);
  CHECK(problem_kind_from("nonsense") == problem_kind::read_failed);
}
