// A hundred senders, one receiver. `--size` is how much each of them sends.
#include "messages.hpp"

int main(int, char** argv) { bench::send_to_one(bench::parse(argv + 1, "fan_in", 100'000), 100); }
