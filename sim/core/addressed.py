"""Named tuples of arrays that compiled rules receive as one address.

By default numba passes such a tuple as about a hundred numbers, some for each array. That is most of what a compiled
rule receives and half of what the compiler reads. Here a kernel stores them once, and a rule reads those that it needs.
"""

from typing import Any

from numba import typeof, types
from numba.core import cgutils
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox


class Arrays(types.Type):
    """The type of a named tuple of arrays: the types of its fields by name."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.fields = fields
        super().__init__(f"{name}({', '.join(f'{field}: {kind}' for field, kind in fields.items())})")


register_model(Arrays)(models.OpaqueModel)


@infer_getattr
class _Fields(AttributeTemplate):
    """Types of the fields of ``Arrays``."""

    key = Arrays

    def generic_resolve(self, kind: Arrays, name: str) -> Any:
        """Return the type of a field."""
        return kind.fields.get(name)


def _memory(context: Any, kind: Arrays) -> Any:
    """Return the memory layout of the tuple that a kernel stores."""
    return cgutils.ir.LiteralStructType([context.get_value_type(field) for field in kind.fields.values()])


@lower_getattr_generic(Arrays)
def _read(context: Any, builder: Any, kind: Arrays, address: Any, name: str) -> Any:
    """Read a field part by part; fields do not change while a kernel runs, so reads may be repeated."""
    memory = _memory(context, kind)
    place = list(kind.fields).index(name)
    field = cgutils.ir.Constant(memory.elements[place], cgutils.ir.Undefined)
    start = cgutils.gep_inbounds(builder, builder.bitcast(address, memory.as_pointer()), 0, place)
    for part in range(len(memory.elements[place].elements)):
        value = builder.load(cgutils.gep_inbounds(builder, start, 0, part))
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        field = builder.insert_value(field, value, part)
    return field


@unbox(Arrays)
def _write(kind: Arrays, named: Any, c: Any) -> Any:
    """Store the arrays of a tuple while a kernel runs."""
    memory = cgutils.alloca_once(c.builder, _memory(c.context, kind))
    failed, natives = cgutils.false_bit, []
    for place, field in enumerate(kind.fields.values()):
        natives.append(c.unbox(field, c.pyapi.tuple_getitem(named, place)))
        c.builder.store(natives[-1].value, cgutils.gep_inbounds(c.builder, memory, 0, place))
        failed = c.builder.or_(failed, natives[-1].is_error)

    def clean_up() -> None:
        for native in natives:
            if native.cleanup:
                native.cleanup()

    return NativeValue(c.builder.bitcast(memory, cgutils.voidptr_t), is_error=failed, cleanup=clean_up)


def addressed[T: type](kind: T) -> T:
    """Make compiled functions receive tuples of a class, whose fields are arrays, by address."""

    @typeof_impl.register(kind)
    def _(value: Any, _: Any) -> Arrays:
        return Arrays(kind.__name__, {name: typeof(array) for name, array in value._asdict().items()})

    return kind
