#include "code_audit/folder.hpp"

#include <algorithm>

#include "catch.hpp"
#include "temp_folder.hpp"

using namespace code_audit;
using code_audit::testing::as_nobody;
using code_audit::testing::temp_folder;

using names = std::vector<std::string>;

TEST_CASE("a listing is sorted and holds one level only", "[code_audit]") {
  const temp_folder folder;
  for (const char* name : {"z.c", "a.c", "sub/deep.c", "another/x.c"}) folder.write(name, "");

  const folder_listing listing = list_folder(folder.path());

  CHECK(listing.path == folder.path().string());
  CHECK(listing.files == names{"a.c", "z.c"});
  CHECK(listing.folders == names{"another", "sub"});
  CHECK(listing.problems.empty());
}

TEST_CASE("files that their names tell to be no source are counted, not listed", "[code_audit]") {
  const temp_folder folder;
  for (const char* name : {"a.c", "b.png", "c.o", "configure"}) folder.write(name, "");

  CHECK(list_folder(folder.path()).files == names{"a.c", "configure"});
  CHECK(list_folder(folder.path()).other_files == 2);
  CHECK(list_folder(folder.path(), {.all_files = true}).files.size() == 4);
}

TEST_CASE("symbolic links are told and never followed", "[code_audit]") {
  const temp_folder folder;
  folder.write("real/a.c", "");
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "real/loop");
  std::filesystem::create_symlink("a.c", folder.path() / "real/b.c");
  std::filesystem::create_symlink("nowhere", folder.path() / "real/dangling.c");

  const folder_listing listing = list_folder(folder.path() / "real");

  CHECK(listing.files == names{"a.c"});
  CHECK(listing.folders.empty());
  REQUIRE(listing.problems.size() == 3);
  for (const scan_problem& p : listing.problems) CHECK(p.kind == problem_kind::symlink);
  const folder_listing through = list_folder(folder.path() / "real/loop");
  REQUIRE(through.problems.size() == 1);
  CHECK(through.problems[0].kind == problem_kind::symlink);
  CHECK(through.files.empty());
}

TEST_CASE("fifos are told and never opened", "[code_audit]") {
  const temp_folder folder;
  REQUIRE(::mkfifo((folder.path() / "f.c").c_str(), 0600) == 0);

  const folder_listing listing = list_folder(folder.path());

  CHECK(listing.files.empty());
  REQUIRE(listing.problems.size() == 1);
  CHECK(listing.problems[0].kind == problem_kind::not_regular);
}

TEST_CASE("folders are left out by name and by the traces of a build", "[code_audit]") {
  const temp_folder folder;
  folder.write(".git/config", "");
  folder.write("build/a.c", "");
  folder.write("out/CMakeCache.txt", "");
  folder.write("target/CACHEDIR.TAG", "");

  const folder_listing listing = list_folder(folder.path());
  CHECK(listing.folders == names{"build"});
  REQUIRE(listing.problems.size() == 3);
  for (const scan_problem& p : listing.problems) CHECK(p.kind == problem_kind::skipped_folder);

  const folder_listing all = list_folder(folder.path(), {.skip_names = {}, .build_markers = {}});
  CHECK(all.folders == names{".git", "build", "out", "target"});
}

TEST_CASE("another file system is not entered unless asked for", "[code_audit]") {
  const auto has = [](const folder_listing& listing, const char* name) {
    return std::find(listing.folders.begin(), listing.folders.end(), name) != listing.folders.end();
  };
  if (!std::filesystem::exists("/proc/self")) return;  // nothing is mounted here

  CHECK_FALSE(has(list_folder("/"), "proc"));
  CHECK(has(list_folder("/", {.crosses_mounts = true}), "proc"));
}

TEST_CASE("a folder with too many entries is cut and says so", "[code_audit]") {
  const temp_folder folder;
  for (int i = 0; i < 5; ++i) folder.write(std::to_string(i) + ".c", "");

  const folder_listing listing = list_folder(folder.path(), {.max_entries = 3});

  CHECK(listing.files.size() == 3);
  REQUIRE(listing.problems.size() == 1);
  CHECK(listing.problems[0].kind == problem_kind::too_many_entries);
}

TEST_CASE("a folder that cannot be listed gives one problem", "[code_audit]") {
  const temp_folder folder;
  const auto kind = [](const std::filesystem::path& path) {
    const folder_listing listing = list_folder(path);
    CHECK(listing.files.empty());
    REQUIRE(listing.problems.size() == 1);
    return listing.problems[0].kind;
  };
  CHECK(kind(folder.path() / "gone") == problem_kind::vanished);
  CHECK(kind(folder.write("a.c", "")) == problem_kind::not_a_folder);
  const auto closed = folder.make("closed");
  ::chmod(closed.c_str(), 0);
  {
    const as_nobody user;
    CHECK(kind(closed) == problem_kind::unreadable);
  }
  ::chmod(closed.c_str(), 0755);
}

TEST_CASE("an audit begins at the folder behind a link", "[code_audit]") {
  const temp_folder folder;
  folder.make("real");
  std::filesystem::create_directory_symlink("real", folder.path() / "link");

  const auto root = resolve_root(folder.path() / "link/");

  REQUIRE(std::holds_alternative<std::filesystem::path>(root));
  CHECK(std::get<std::filesystem::path>(root) == folder.path() / "real");
}

TEST_CASE("an audit of something else than a folder is refused with a word", "[code_audit]") {
  const temp_folder folder;
  std::filesystem::create_directory_symlink("loop", folder.path() / "loop");
  const auto kind = [](const std::filesystem::path& path) {
    const auto root = resolve_root(path);
    REQUIRE(std::holds_alternative<scan_problem>(root));
    return std::get<scan_problem>(root).kind;
  };
  CHECK(kind(folder.path() / "gone") == problem_kind::vanished);
  CHECK(kind(folder.write("a.c", "")) == problem_kind::not_a_folder);
  CHECK(kind(folder.path() / "loop") == problem_kind::symlink);
  CHECK(kind("") == problem_kind::vanished);
}
