#include "folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "language.hpp"

namespace code_audit {

namespace {

struct close_folder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using folder_handle = std::unique_ptr<DIR, close_folder>;

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

unsigned char type_of(mode_t mode) noexcept { return static_cast<unsigned char>(IFTODT(mode)); }

/// Reads one folder, entry by entry, into a listing.
class folder_reader {
 public:
  folder_reader(const std::filesystem::path& path, const folder_options& options)
      : path_(path), options_(options) {
    listing_.path = path.string();
  }

  folder_listing run() {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return failed(open_error());
    folder_handle folder(::fdopendir(fd));
    if (folder == nullptr) {
      const int error = errno;
      ::close(fd);
      return failed(error);
    }
    fd_ = fd;
    read_entries(folder.get());
    sort();
    return std::move(listing_);
  }

 private:
  /// A link where a folder was asked for gives ENOTDIR; say what it really is.
  int open_error() const {
    const int error = errno;
    struct stat info{};
    const bool is_link = ::lstat(path_.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
    return error == ENOTDIR && is_link ? ELOOP : error;
  }

  folder_listing failed(int error) {
    listing_.problems.push_back(problem_from_errno(listing_.path, error));
    return std::move(listing_);
  }

  void note(problem_kind kind, std::string_view name, std::string message) {
    listing_.problems.push_back({kind, (path_ / name).string(), std::move(message)});
  }

  void read_entries(DIR* folder) {
    std::size_t seen = 0;
    while (true) {
      errno = 0;
      // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread knows this stream
      const dirent* entry = ::readdir(folder);
      if (entry == nullptr) {
        if (errno != 0) listing_.problems.push_back(problem_from_errno(listing_.path, errno));
        return;
      }
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++seen > options_.max_entries) {
        listing_.problems.push_back({problem_kind::too_many_entries, listing_.path,
                                     fmt::format("holds more than {} entries; the rest is left out",
                                                 options_.max_entries)});
        return;
      }
      take(name, entry->d_type);
    }
  }

  void take(const std::string& name, unsigned char type) {
    if (type == DT_UNKNOWN) {  // some file systems do not tell
      struct stat info{};
      if (::fstatat(fd_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        listing_.problems.push_back(problem_from_errno((path_ / name).string(), errno));
        return;
      }
      type = type_of(info.st_mode);
    }
    switch (type) {
      case DT_REG: return take_file(name);
      case DT_DIR: return take_folder(name);
      case DT_LNK: return note(problem_kind::symlink, name, "is a symbolic link");
      case DT_FIFO: return note(problem_kind::not_regular, name, "is a fifo");
      case DT_SOCK: return note(problem_kind::not_regular, name, "is a socket");
      default: return note(problem_kind::not_regular, name, "is a device");
    }
  }

  void take_file(const std::string& name) {
    const name_guess guess = guess_from_name(name);
    if (options_.all_files || guess.is_known || guess.needs_a_look) {
      listing_.files.push_back(name);
    } else {
      ++listing_.other_files;
    }
  }

  void take_folder(const std::string& name) {
    if (holds(options_.skip_names, name)) {
      return note(problem_kind::skipped_folder, name, "is left out by its name");
    }
    if (!options_.crosses_mounts && is_mount_point(name)) {
      return note(problem_kind::mount_point, name, "is another file system");
    }
    for (const std::string& marker : options_.build_markers) {
      struct stat info{};
      const std::string path = fmt::format("{}/{}", name, marker);
      if (::fstatat(fd_, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        return note(problem_kind::skipped_folder, name, "was made by a build: it holds " + marker);
      }
    }
    listing_.folders.push_back(name);
  }

  bool is_mount_point(const std::string& name) const {
    constexpr int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    struct statx info{};
    if (::statx(fd_, name.c_str(), flags, STATX_TYPE, &info) != 0) return false;
    return (info.stx_attributes & info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
  }

  void sort() {
    std::sort(listing_.files.begin(), listing_.files.end());
    std::sort(listing_.folders.begin(), listing_.folders.end());
    std::sort(listing_.problems.begin(), listing_.problems.end());
  }

  const std::filesystem::path& path_;
  const folder_options& options_;
  folder_listing listing_;
  int fd_ = -1;
};

}  // namespace

folder_listing list_folder(const std::filesystem::path& path, const folder_options& options) {
  return folder_reader(path, options).run();
}

std::variant<std::filesystem::path, scan_problem> resolve_root(const std::filesystem::path& typed) {
  if (typed.empty()) return problem_from_errno({}, ENOENT);
  std::error_code error;
  std::filesystem::path root = std::filesystem::canonical(typed, error);
  if (error) return problem_from_errno(typed.string(), error.value());
  if (!std::filesystem::is_directory(root, error)) {
    return scan_problem{problem_kind::not_a_folder, typed.string(), "is not a folder"};
  }
  if (::access(root.c_str(), R_OK | X_OK) != 0) return problem_from_errno(typed.string(), errno);
  return root;
}

}  // namespace code_audit
