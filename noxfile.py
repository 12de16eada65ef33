"""What is checked, each as a session of nox: .ci/run and the project's workflow call these, and so does a person.

``nox`` runs all that a change must pass, ``nox -s lint`` one session, ``nox -s tests -- -k csv`` hands on arguments to
pytest, ``nox -s full`` runs what takes too long for every change. ``nox -l`` lists them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"  # the first with nox.project
nox.options.sessions = [
    "tests",
    "lint",
    "types",
    "recipes",
    "docs",
    "wheel",
    "wheel-without-compiler",
    "parity",
    "libraries",
    "stores",
]
nox.options.stop_on_first_error = True
nox.options.error_on_external_run = True

# What `full` runs: sessions that are too slow for every change, or that depend on what others release.
HEAVY = ["release", "libraries", "stores", "clusters", "trackers", "pages", "properties", "sanitizers", "fuzz"]

ROOT = Path(__file__).parent
EXTRAS: dict[str, list[str]] = nox.project.load_toml(ROOT / "pyproject.toml")["project"]["optional-dependencies"]
# Libraries whose requirements exclude each other, and the tests that need them.
PEERS = {
    "mljar": "mljar-supervised==1.3.2",
    "autogluon": "autogluon.core==1.6.3",
    "spark": "pyspark==4.3.0",  # with a Java 17 on the machine
    "mlflow": "mlflow==3.17.2",
    "evidently": "evidently==0.7.23 pandas<3",  # which its 0.7 needs
    "calibration": (
        "netcal==1.4.0 torch==2.13.0 uncertainty-calibration==0.1.4 model-diagnostics==1.5.0 cleanlab==2.9.0 "
        "statsmodels==0.15.0 scikit-learn==1.9.1 torchmetrics==1.9.0 probmetrics==1.3.0 numba==0.68.1"
    ),
    "statsmodels": "statsmodels==0.15.0",
}
# Names under which a C or C++ compiler is looked for.
COMPILERS = ("cc", "gcc", "clang", "c++", "g++", "clang++", "cl", "icx", "tcc", "zig")


def requirement(tool: str) -> str:
    """The line of the extra ``dev`` that asks for a tool."""
    (found,) = (line for line in EXTRAS["dev"] if line.partition(">=")[0] == tool)
    return found


def pytest_without_skips(session: nox.Session, *arguments: str, **env: str) -> None:
    """Run tests whose libraries were installed for them: one that is skipped was not run, and that is an error."""
    printed = session.run("pytest", "-q", *arguments, env=env, silent=True)
    session.log("pytest printed:\n%s", printed)
    if "SKIPPED" in str(printed):
        session.error("a test was skipped: see the reason above")


def build(session: nox.Session, **env: str) -> Path:
    """Build the sdist, and the wheel from it, as it is done for a release; return the wheel."""
    session.install(requirement("build"))
    place = Path(session.create_tmp()) / "dist"
    shutil.rmtree(place, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(place), str(ROOT), env=env, silent=True)
    (wheel,) = place.glob("*.whl")
    (_,) = place.glob("*.tar.gz")
    return wheel


def install_and_use(session: nox.Session, wheel: Path) -> None:
    """Install a wheel where nothing else is, outside the checkout, and score every sample file with it."""
    place = Path(session.create_tmp()).resolve() / "user"  # it is gone to before its scripts are called
    shutil.rmtree(place, ignore_errors=True)
    session.run("python", "-m", "venv", str(place / "venv"))
    scripts = place / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    shutil.copytree(ROOT / "sample_data", place / "sample_data")
    python, celoss = str(scripts / "python"), str(scripts / "celoss")
    session.run(python, "-m", "pip", "install", "-q", str(wheel), external=True)
    session.run(python, "-m", "pip", "check", external=True)
    with session.chdir(place):
        version = session.run(celoss, "--version", external=True, silent=True)
        if wheel.name.split("-")[1] not in str(version):
            session.error(f"{wheel.name} says it is {version}")
        evaluate = (celoss, "eval", "sample_data/digits_logits.parquet", "--format", "json")
        json.loads(str(session.run(*evaluate, external=True, silent=True)))
        session.run(python, str(ROOT / ".ci" / "check_samples.py"), celoss, "sample_data", external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """The README's test command."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.install(requirement("ruff"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict, of the package and of this file."""
    session.install("-e", ".[dev]")
    session.run("mypy")
    session.run("mypy", "--strict", "noxfile.py")


@nox.session
def recipes(session: nox.Session) -> None:
    """The files for CI systems and the forge, against the schemas that these publish."""
    session.install("-e", ".[test]", requirement("pre-commit"), requirement("check-jsonschema"))
    pytest_without_skips(session, "tests/ci/test_recipes.py", "-k", "schemas or pre_commit", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site without a warning, in build/docs; the commands of its pages print what the pages show."""
    session.install("-e", ".[test,docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "build/docs")
    session.run("pytest", "-q", "tests/docs", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel: built by way of the sdist, installed where nothing else is, used."""
    install_and_use(session, build(session))


@nox.session(name="wheel-without-compiler")
def wheel_without_compiler(session: nox.Session) -> None:
    """The same on a machine that has no C compiler."""
    path = session.bin  # Python and pip are there, and nothing of the machine's
    for name in COMPILERS:
        if found := shutil.which(name, path=path):
            session.error(f"{found} is a compiler: it should be hidden")
    none = shutil.which("false") or "no-compiler"
    install_and_use(session, build(session, PATH=path, CC=none, CXX=none, DISTUTILS_USE_SDK="1"))


@nox.session
def release(session: nox.Session) -> None:
    """What would be published, as the index, installers and users see it: its metadata and its files."""
    session.install("abi3audit>=0.0.20", "check-wheel-contents>=0.6.1", "pyroma>=5.0", "twine>=6.1")
    path = build(session)
    session.run("python", str(ROOT / ".ci" / "check_wheels.py"), str(path.parent))
    session.run("twine", "check", "--strict", *(str(file) for file in sorted(path.parent.iterdir())))
    # Every module has to be inside, and py.typed; W102 would be the extension, which is not in the sources.
    inside = ("--toplevel", "celoss_cli", "--package", str(ROOT / "src" / "celoss_cli"), "--ignore", "W102")
    session.run("check-wheel-contents", *inside, "--package-omit", "*.c,*.h,*.so,*.pyd,__pycache__", str(path))
    session.run("abi3audit", "--strict", str(path))
    (sdist,) = path.parent.glob("*.tar.gz")
    session.run("pyroma", "--min=8", str(sdist))  # of 10: there is no address to write to, and no page


@nox.session
def parity(session: nox.Session) -> None:
    """Values and gradients against torch itself."""
    session.install("-e", ".[test]", "torch==2.13.0")
    pytest_without_skips(session, "tests/parity", *session.posargs)


@nox.session
def libraries(session: nox.Session) -> None:
    """Each convention of --compat against the library it is named after; files and objects as others make them."""
    session.install("-e", ".[test,libraries,forms,forms-tests]", "torch==2.13.0")
    rooms = ("arrow", "json", "objects", "forms", "test_directory.py", "test_splits.py")
    paths = ("tests/conventions/test_libraries.py", *(f"tests/tables/{room}" for room in rooms))
    pytest_without_skips(session, *paths, *session.posargs, KERAS_BACKEND="torch")


@nox.session
@nox.parametrize("peer", list(PEERS))
def peers(session: nox.Session, peer: str) -> None:
    """Conventions, calibration and standard errors against libraries that bring much with them, each on its own."""
    session.install("-e", ".[test]", *PEERS[peer].split())
    tests = [f"tests/conventions/test_{name}.py" for name in ("peers", "calibration_peers", "sequence_peers")]
    pytest_without_skips(session, *tests, "-k", peer, *session.posargs)


@nox.session
def stores(session: nox.Session) -> None:
    """Object stores, against an S3 and a Google store on this machine."""
    session.install("-e", ".[test,cloud-tests]")
    tests = ("tests/tables/test_object_store.py", "tests/tables/test_stored_folders.py")
    pytest_without_skips(session, *tests, *session.posargs)


@nox.session
def clusters(session: nox.Session) -> None:
    """--engine dask, and the recipes for Dask, Ray and Spark, on clusters of this machine; Spark wants a Java 17."""
    session.install("-e", ".[test,dask,cloud-tests]", "ray==2.60.0", "pyspark==4.3.0")
    files = (f"tests/pipeline/test_{name}.py" for name in ("dask", "dask_failures", "dask_stores", "cluster_recipes"))
    pytest_without_skips(session, *files, *session.posargs)


@nox.session
def trackers(session: nox.Session) -> None:
    """The numbers of reports in MLflow, DVC, Weights & Biases and for Prometheus, and the recipes for them."""
    stores = ("sqlalchemy==2.1.9", "alembic==1.20.1")  # MLflow's, in a file
    session.install(
        *("-e", ".[test]", "mlflow-skinny==3.17.2", *stores),
        *("dvc==3.67.1", "wandb==0.31.0", "prometheus-client==0.26.0"),
    )
    pytest_without_skips(session, "tests/render/test_trackers.py", *session.posargs)


@nox.session
def pages(session: nox.Session) -> None:
    """The HTML reports in a browser, at two widths, light, dark and printed. CELOSS_BROWSER names another Chromium."""
    session.install("-e", ".[test]", "playwright>=1.55")
    if "CELOSS_BROWSER" not in os.environ:
        session.run("playwright", "install", "chromium")
    pytest_without_skips(session, "tests/browser", *session.posargs)


@nox.session
def properties(session: nox.Session) -> None:
    """The property tests ten times over: new random examples each time, and more where a test sets no number."""
    session.install("-e", ".[test]")
    command = ("pytest", "-q", "-m", "hypothesis", "--hypothesis-profile=thorough", *session.posargs)
    for _ in range(10):
        session.run(*command, env={"CELOSS_LAYOUT_EXAMPLES": "250"})


@nox.session
def fuzz(session: nox.Session) -> None:
    """Damaged files of every form and random files of one model, as many as its argument says; runs with faults."""
    session.install("-e", ".[test,forms]")
    inputs = session.posargs[0] if session.posargs else "20000"
    seed = session.posargs[1] if len(session.posargs) > 1 else "1"
    session.run("python", "tests/fuzz/run.py", "--inputs", inputs, "--seed", seed)
    session.install("atheris>=3", success_codes=[0, 1])  # there are no wheels for every system
    session.run("python", "tests/fuzz/guided.py", "--seconds", "600", "--seed", seed)
    session.run("python", "tests/random_files/run.py", "--files", inputs, "--seed", seed)
    session.run("python", "tests/faults/run.py", "--runs", "500", "--seed", seed)


@nox.session
def sanitizers(session: nox.Session) -> None:
    """The tests of the compiled kernels under AddressSanitizer and UBSan. Needs gcc, and its libasan."""
    session.install("setuptools>=77", ".[test]")
    for stale in (*(ROOT / "build").glob("temp*"), *(ROOT / "build").glob("lib*")):
        shutil.rmtree(stale)  # objects that are there already would be linked as they are
    flags = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g"
    compiled = {"CC": "gcc", "CFLAGS": flags, "LDFLAGS": "-fsanitize=address,undefined"}
    session.install("--no-build-isolation", "--force-reinstall", "--no-deps", ".", env=compiled)
    found = session.run("gcc", "-print-file-name=libasan.so", external=True, silent=True)
    tests = (
        "tests/kernels",
        "tests/scoring/test_fused.py",
        "tests/state/test_confusion.py",
        "tests/state/test_contradictions.py",
        "tests/state/test_digest.py",
        "tests/state/test_exact_products.py",
        "tests/state/test_sample.py",
        "tests/state/test_scores.py",
        "tests/state/test_temperature.py",
        "tests/tables/text/test_plain.py",
    )
    # Python itself keeps memory to its end; only what is wrong with memory counts.
    watched = {"LD_PRELOAD": str(found).strip(), "ASAN_OPTIONS": "detect_leaks=0"}
    many = {"CELOSS_FUZZ": "1000000", "CELOSS_DECIMALS": "1000000"}  # see tests/kernels/test_text.py
    session.run("pytest", "-q", *tests, *session.posargs, env=watched | many)


@nox.session(venv_backend="none")
def full(session: nox.Session) -> None:
    """What takes too long for every change: see HEAVY and PEERS."""
    for name in HEAVY:
        session.notify(name)
    for peer in PEERS:
        session.notify(f"peers(peer={peer!r})")
