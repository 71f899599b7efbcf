"""A parsed C++ name: what the readers of mangled and of demangled text both produce."""

from __future__ import annotations

from collections.abc import Iterator

# Spellings of the number types that occur as template arguments in kernels of SYCL, ATen, cutlass and CUDA.
SHORT_TYPES = {
    "sycl::_V1::ext::oneapi::bfloat16": "bf16",
    "sycl::ext::oneapi::bfloat16": "bf16",
    "sycl::_V1::detail::half_impl::half": "fp16",
    "sycl::detail::half_impl::half": "fp16",
    "c10::BFloat16": "bf16",
    "c10::Half": "fp16",
    "at::BFloat16": "bf16",
    "at::Half": "fp16",
    "cutlass::bfloat16_t": "bf16",
    "cutlass::half_t": "fp16",
    "cutlass::tfloat32_t": "tf32",
    "__nv_bfloat16": "bf16",
    "__half": "fp16",
    "_Float16": "fp16",
    "c10::Float8_e5m2": "fp8_e5m2",
    "c10::Float8_e4m3fn": "fp8_e4m3",
    "cutlass::float_e5m2_t": "fp8_e5m2",
    "cutlass::float_e4m3_t": "fp8_e4m3",
    "float": "fp32",
    "double": "fp64",
}
MAX_SHOWN_ARGUMENTS = 6
MAX_SHOWN_DEPTH = 2
MAX_PATH_COMPONENTS = 256


class Symbol:
    """One component of a qualified name, linked to the component before it.

    Linked rather than copied: substitutions of a mangled name share their prefixes, which keeps parsing linear.

    Parameters
    ----------
    text
        Identifier, builtin type or literal; ``"{lambda}"`` for a lambda.
    parent
        The component before ``::``, if any.
    arguments
        Template arguments; None where the component has none.
    is_local
        The component is declared inside the function `parent`.
    """

    __slots__ = ("arguments", "is_local", "parent", "text")

    def __init__(
        self,
        text: str,
        parent: Symbol | None = None,
        arguments: tuple[Symbol, ...] | None = None,
        is_local: bool = False,
    ) -> None:
        self.text = text
        self.parent = parent
        self.arguments = arguments
        self.is_local = is_local

    def with_arguments(self, arguments: tuple[Symbol, ...]) -> Symbol:
        """The same component with its template arguments."""
        return Symbol(self.text, self.parent, arguments, self.is_local)

    def path(self) -> list[Symbol]:
        """Components from the innermost outwards; at most `MAX_PATH_COMPONENTS`."""
        found: list[Symbol] = []
        component: Symbol | None = self
        while component is not None and len(found) < MAX_PATH_COMPONENTS:
            found.append(component)
            component = component.parent
        return found

    def outermost_function(self) -> Symbol:
        """The function that a lambda or local class is written in; the symbol itself where it is not local.

        A kernel given as a lambda has no name of its own: it is known by the function that submits it.
        """
        owner = self
        for component in self.path():
            if component.is_local and component.parent is not None:
                owner = component.parent
        return owner

    def qualified(self) -> str:
        """Path without template arguments, e.g. ``vllm::moe::MoeGather``."""
        return "::".join(component.text for component in reversed(self.path()))

    def shown(self) -> str:
        """Qualified name with its own template arguments, shortened: ``vllm::rms_norm_kernel<bf16, 2, 0, false>``."""
        return self.qualified() + self._shown_arguments(MAX_SHOWN_DEPTH)

    def _shown_arguments(self, depth: int) -> str:
        if self.arguments is None:
            return ""
        if depth == 0 or not self.arguments:  # cut off, or nested too deep to be worth reading
            return "<…>"
        shown = [argument._shown_as_argument(depth - 1) for argument in self.arguments[:MAX_SHOWN_ARGUMENTS]]
        if len(self.arguments) > MAX_SHOWN_ARGUMENTS:
            shown.append("…")
        return f"<{', '.join(shown)}>"

    def _shown_as_argument(self, depth: int) -> str:
        owner = self.outermost_function()
        qualified = owner.qualified()
        short = SHORT_TYPES.get(qualified)
        return short if short is not None else owner.text + owner._shown_arguments(depth)

    def __iter__(self) -> Iterator[Symbol]:
        """Components from the outermost inwards."""
        return reversed(self.path())
