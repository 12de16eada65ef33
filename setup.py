"""How the compiled kernels are built: all else is in pyproject.toml. Without a C compiler the NumPy ones run alone."""

import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

CORE = Path("src", "celoss_cli", "kernels", "c")

# The same bits on every machine need every operation rounded as it is written: no fused multiply-add, no fast-math.
GCC_OR_CLANG = [
    "-std=c11",
    "-O3",
    "-g0",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fvisibility=hidden",
]
REDUCTIONS = "-fopenmp-simd"  # heeds what elementary.h says of reductions; without it they are as right, and slower
MSVC = ["/O2", "/fp:precise", "/std:c11"]


class BuildCore(build_ext):
    """Compiles with the options of the compiler that was found."""

    def build_extension(self, ext: Extension) -> None:
        """Compile and link."""
        ext.extra_compile_args = MSVC if self.compiler.compiler_type == "msvc" else self._for_gcc_or_clang()
        super().build_extension(ext)

    def _for_gcc_or_clang(self) -> list[str]:
        with TemporaryDirectory() as directory:
            source = Path(directory, "empty.c")
            source.write_text("int empty;\n", encoding="ascii")
            try:
                self.compiler.compile([str(source)], output_dir=directory, extra_preargs=["-Werror", REDUCTIONS])
            except CompileError:
                return GCC_OR_CLANG
        return [*GCC_OR_CLANG, REDUCTIONS]


class StableAbi(bdist_wheel):
    """Names the wheel after the stable ABI of Python 3.11, with or without an extension inside."""

    def finalize_options(self) -> None:
        """Say so before the name is made."""
        if not sysconfig.get_config_var("Py_GIL_DISABLED"):  # such a Python has no stable ABI, and NumPy's kernels
            self.py_limited_api = "cp311"
        super().finalize_options()


core = Extension(
    "celoss_cli.kernels.core",
    sources=[path.as_posix() for path in sorted(CORE.glob("*.c"))],
    depends=[path.as_posix() for path in sorted(CORE.glob("*.h"))],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    py_limited_api=True,
    optional=True,
)

setup(ext_modules=[core], cmdclass={"build_ext": BuildCore, "bdist_wheel": StableAbi})
