#include "source_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "text.hpp"

namespace code_audit {

namespace {

constexpr std::size_t looked_at = 8192;
constexpr std::uint64_t hard_limit = std::uint64_t{1} << 30;  // offsets are 32 bits wide

class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

scan_problem not_regular(std::string path, mode_t mode) {
  if (S_ISLNK(mode)) return {problem_kind::symlink, std::move(path), "is a symbolic link"};
  const std::string_view what = S_ISDIR(mode)    ? "is a folder, not a file"
                                : S_ISFIFO(mode) ? "is a fifo"
                                : S_ISSOCK(mode) ? "is a socket"
                                                 : "is a device";
  return {problem_kind::not_regular, std::move(path), std::string(what)};
}

scan_problem too_large(std::string path, std::uint64_t bytes, std::uint64_t limit) {
  return {problem_kind::too_large, std::move(path),
          fmt::format("holds {} bytes, the limit is {}", bytes, limit)};
}

int open_quietly(const std::filesystem::path& path) {
  // Between lstat and open a fifo may take the file's place: O_NONBLOCK keeps that from hanging.
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

}  // namespace

read_result read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  max_bytes = std::min(max_bytes, hard_limit);
  std::string name = path.string();
  struct stat before{};
  if (::lstat(path.c_str(), &before) != 0) return problem_from_errno(std::move(name), errno);
  if (!S_ISREG(before.st_mode)) return not_regular(std::move(name), before.st_mode);

  const descriptor file(open_quietly(path));
  if (file.get() < 0) return problem_from_errno(std::move(name), errno);
  struct stat now{};
  if (::fstat(file.get(), &now) != 0) return problem_from_errno(std::move(name), errno);
  if (!S_ISREG(now.st_mode)) return not_regular(std::move(name), now.st_mode);
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(now.st_size, 0));
  if (size > max_bytes) return too_large(std::move(name), size, max_bytes);

  // One byte more than announced tells a file that grew, and those that announce nothing.
  std::string contents(size + 1, '\0');
  std::size_t filled = 0;
  while (true) {
    if (filled == contents.size())
      contents.resize(std::min(contents.size() * 2 + 4096, max_bytes + 1));
    const ssize_t got = ::read(file.get(), contents.data() + filled, contents.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return problem_from_errno(std::move(name), errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes) return too_large(std::move(name), filled, max_bytes);
  }
  contents.resize(filled);
  return contents;
}

bool is_binary(std::string_view contents) noexcept {
  const bool is_cut = contents.size() > looked_at;
  contents = contents.substr(0, looked_at);
  if (contents.find('\0') != std::string_view::npos) return true;
  std::size_t odd = 0;
  for (std::size_t i = 0; i < contents.size();) {
    const std::size_t length = utf8_length(contents.substr(i));
    const char c = contents[i];
    const bool is_control = length == 1 && c < ' ' && !is_space(c) && c != '\b' && c != '\x1b';
    const bool is_cut_off = length == 0 && is_cut && i + 3 >= contents.size();
    if (is_control || (length == 0 && !is_cut_off)) ++odd;
    i += std::max<std::size_t>(length, 1);
  }
  return odd * 10 > contents.size() * 3;
}

}  // namespace code_audit
