"""Run our CUDA text on the CPU under g++'s address sanitizer; where there is none, say so and succeed."""

import os
import shutil
import subprocess
import sys


def sanitizer():
    """The sanitizer's library, which Python must load before anything else; or None and the reason."""
    if shutil.which("g++") is None:
        return None, "g++ is not installed"
    asked = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    path = asked.stdout.strip()
    return (path, "") if os.path.isabs(path) else (None, "g++ has no address sanitizer here")


def main():
    path, reason = sanitizer()
    if path is None:
        print(f"asan: nothing was tested here: {reason}.")
        return 0
    environment = os.environ | {
        "LD_PRELOAD": path, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc",
        "PLUGRAD_HOST_CUDA_FLAGS": "-fsanitize=address",
    }  # fmt: skip
    tests = ["tests/cupy_double/test_cuda_text.py", "-k", "not nvrtc", "--backend", "cupy-double", "-rs"]
    return subprocess.call([sys.executable, "-m", "pytest", *tests, *sys.argv[1:]], env=environment)


if __name__ == "__main__":
    sys.exit(main())
