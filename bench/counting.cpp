// One sender, one receiver.
#include "messages.hpp"

int main(int, char** argv) {
  bench::send_to_one(bench::parse(argv + 1, "counting", 10'000'000), 1);
}
