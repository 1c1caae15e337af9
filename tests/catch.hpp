#pragma once

// The one header that knows which Catch this is.
#include <catch2/catch.hpp>
