#include "actors/console/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "actors/blocking.hpp"
#include "actors/console/task_view.hpp"
#include "actors/sleep.hpp"

namespace actors::console {

namespace {

constexpr std::size_t plain_width = 240;

std::size_t width_of(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

style resolve(const console_options& options) {
  if (options.show != style::automatic) return options.show;
  return isatty(fileno(options.out)) != 0 ? style::live : style::plain;
}

/// Turns events into text.
class screen {
 public:
  explicit screen(const console_options& options) : options_(options), style_(resolve(options)) {}

  bool is_live() const { return style_ == style::live; }

  void apply(const event& happened) {
    if (first_ms_ == 0) first_ms_ = happened.at_ms;
    if (style_ == style::json) {
      text_ += dump_json(to_json(happened));
      text_ += '\n';
      return;
    }
    if (style_ == style::plain) {
      add_line(happened, plain_width);
      return;
    }
    view_.apply(happened);
    // What stays on the screen: the ends of top-level tasks, and every end that is not a success.
    const bool matters =
        happened.is_terminal() && (!happened.parent || happened.kind != event_kind::completed);
    if (matters) {
      erase_tree();
      add_line(happened, width_of(options_.out) - 1);
    }
  }

  /// The text since the last call, with the tree as it is now.
  std::string take() {
    if (is_live()) draw_tree();
    return std::exchange(text_, {});
  }

  std::string finish() {
    if (is_live()) {
      erase_tree();
      text_ += view_.totals() + "\n";
    }
    return std::exchange(text_, {});
  }

 private:
  void add_line(const event& happened, std::size_t width) {
    const auto seconds = static_cast<double>(happened.at_ms - first_ms_) / 1000;
    text_ += fit(fmt::format("{:8.3f}  {}", seconds, summary(happened)), width);
    text_ += '\n';
  }

  void erase_tree() {
    // Up to the first row of the tree, then clear to the end of the screen.
    if (drawn_rows_ > 0) text_ += fmt::format("\x1b[{}A\r\x1b[J", drawn_rows_);
    drawn_rows_ = 0;
  }

  void draw_tree() {
    erase_tree();
    const auto width = width_of(options_.out) - 1;
    for (const auto& row : view_.rows(width, options_.max_rows)) {
      text_ += row + "\n";
      ++drawn_rows_;
    }
    text_ += fit(view_.totals(), width) + "\n";
    ++drawn_rows_;
  }

  console_options options_;
  style style_;
  task_view view_;
  unix_ms first_ms_ = 0;
  std::size_t drawn_rows_ = 0;
  std::string text_;
};

}  // namespace

/// What the actor and its handle share.
struct console::state {
  explicit state(console_options how) : options(how) {}

  void write(const std::string& text) {
    if (is_broken || text.empty()) return;
    is_broken = std::fwrite(text.data(), 1, text.size(), options.out) != text.size() ||
                std::fflush(options.out) != 0;
  }

  const console_options options;
  bool is_broken = false;
  detail::gate ended;
};

namespace {

template <class State>
coroutine<void> show(actor_context<event> self, std::shared_ptr<State> shared) {
  screen output(shared->options);
  try {
    while (auto first = co_await self.receive()) {
      output.apply(*first);
      while (auto next = self.inbox().try_next()) output.apply(*next);
      const auto text = output.take();
      const auto write = [shared, text] { shared->write(text); };
      co_await blocking(write, on_cancel::wait);
      if (output.is_live()) co_await sleep_for(shared->options.refresh);
    }
  } catch (const cancelled&) {
    // The runtime is going away; what was mailed until now is still shown.
    for (const auto& happened : self.inbox().drain()) output.apply(happened);
  }
  shared->write(output.finish());
  shared->ended.open();
}

}  // namespace

console::console(runtime& home, std::string owner_name, console_options options)
    : home_(home),
      state_(std::make_shared<state>(options)),
      actor_(home.spawn<event>(show<state>, state_)),
      owner_(home.open_owner(std::move(owner_name), actor_, {.started_events = true})) {}

console::~console() { close(); }

void console::close() {
  actor_.close_inbox();
  home_.engine().wait(state_->ended, time_point::max());
}

}  // namespace actors::console
