"""Run the suite on CuPy where an NVIDIA GPU is; elsewhere say so and succeed.

The driver is asked through its own library, so that nothing large is installed in vain.
Its version chooses the extra of plugrad-cupy.
"""

import ctypes
import subprocess
import sys


def driver():
    """The CUDA version that the driver supports (13020 is 13.2), or None and the reason why no GPU can be used."""
    try:
        cuda = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None, "no NVIDIA driver"
    version, count = ctypes.c_int(), ctypes.c_int()
    if cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return None, "no visible NVIDIA GPU"
    cuda.cuDriverGetVersion(ctypes.byref(version))
    if version.value < 12000:
        return None, f"the driver supports CUDA {version.value // 1000} only, and plugrad-cupy needs 12 or newer"
    return version.value, ""


def main():
    version, reason = driver()
    if version is None:
        print(f"gpu: nothing was tested here: {reason}.")
        return 0
    extra = "cupy13x" if version >= 13000 else "cupy12x"
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", f"./backends/cupy[{extra}]"])
    return subprocess.call([sys.executable, "-m", "pytest", "tests", "--backend", "cupy", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
