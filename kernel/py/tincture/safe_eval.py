"""What an expression under the cursor is, without running the user's code.

Completion and inspection look at live objects.  Names, attributes that are
found without calling anything, and constant subscripts of built-in
containers are followed; a property is not read, a function not called.
Where a call or a property says what it returns (a class, an annotation), the
answer is that class.
"""

from __future__ import annotations

import builtins
import types
from typing import Any

import _ast

_ONLY_AST = 0x0400  # ast.PyCF_ONLY_AST

# Deeper expressions are not followed.
DEPTH_LIMIT = 50

_CONTAINERS = (dict, list, tuple, str, bytes)

# Reading these runs C code of CPython only.
_C_DESCRIPTORS = (
    types.MemberDescriptorType,
    types.GetSetDescriptorType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.BuiltinFunctionType,
)

_LITERALS: dict[type, type] = {
    _ast.List: list,
    _ast.ListComp: list,
    _ast.Tuple: tuple,
    _ast.Dict: dict,
    _ast.DictComp: dict,
    _ast.Set: set,
    _ast.SetComp: set,
    _ast.JoinedStr: str,
    _ast.GeneratorExp: types.GeneratorType,
    _ast.Lambda: types.FunctionType,
}


class Unknown(Exception):
    """The expression cannot be followed without running code."""


class Found:
    """An object, or only its class."""

    def __init__(self, value: Any = None, cls: type | None = None) -> None:
        self.value = value
        self.cls = cls

    @property
    def is_instance_only(self) -> bool:
        return self.cls is not None

    def names(self) -> list[str]:
        """The attributes that there are."""
        owner = self.cls if self.cls is not None else self.value
        try:
            return [name for name in dir(owner) if isinstance(name, str)]
        except Exception:
            return dir(type(owner))


def find_static(value: Any, name: str) -> Any:
    """The attribute as it is stored, without calling a descriptor."""
    import inspect

    return inspect.getattr_static(value, name)


def _returned_class(function: Any) -> type:
    """The class that a function is annotated to return."""
    annotations = getattr(function, "__annotations__", None) or {}
    cls = annotations.get("return")
    if isinstance(cls, str):
        cls = getattr(function, "__globals__", {}).get(cls) or getattr(
            builtins, cls, None
        )
    if not isinstance(cls, type):
        raise Unknown
    return cls


def _class_attribute(cls: type, name: str) -> Found:
    """What an attribute of an unknown instance of a class is."""
    try:
        stored = find_static(cls, name)
    except AttributeError:
        raise Unknown from None
    if isinstance(stored, property):
        return Found(cls=_returned_class(stored.fget))
    if isinstance(stored, (staticmethod, classmethod)):
        return Found(stored.__func__)
    return Found(stored)


def attribute(found: Found, name: str) -> Found:
    """An attribute of what was found."""
    if found.cls is not None:
        return _class_attribute(found.cls, name)
    value = found.value
    try:
        stored = find_static(value, name)
    except AttributeError:
        if isinstance(value, types.ModuleType):
            # A module that loads its parts when they are asked for.
            return Found(getattr(value, name))
        raise Unknown from None
    if isinstance(stored, property):
        if stored.fget is None:
            raise Unknown
        return Found(cls=_returned_class(stored.fget))
    is_plain = not hasattr(type(stored), "__get__")
    is_function = isinstance(
        stored, (types.FunctionType, classmethod, staticmethod)
    )
    if is_plain or is_function or isinstance(stored, _C_DESCRIPTORS):
        return Found(getattr(value, name))
    raise Unknown


def _called(found: Found) -> Found:
    function = found.value
    if found.cls is not None:
        raise Unknown
    if isinstance(function, type):
        return Found(cls=function)
    return Found(cls=_returned_class(function))


def _subscript(found: Found, node: _ast.AST) -> Found:
    if found.cls is not None or type(found.value) not in _CONTAINERS:
        raise Unknown
    if isinstance(node, _ast.UnaryOp) and isinstance(node.op, _ast.USub):
        operand = node.operand
        if isinstance(operand, _ast.Constant) and type(operand.value) is int:
            node = _ast.Constant(-operand.value)
    if not isinstance(node, _ast.Constant):
        raise Unknown
    try:
        return Found(found.value[node.value])
    except (LookupError, TypeError):
        raise Unknown from None


def _follow(node: Any, namespace: dict[str, Any], depth: int) -> Found:
    if depth > DEPTH_LIMIT:
        raise Unknown
    if isinstance(node, _ast.Name):
        if node.id in namespace:
            return Found(namespace[node.id])
        if hasattr(builtins, node.id):
            return Found(getattr(builtins, node.id))
        raise Unknown
    if isinstance(node, _ast.Constant):
        return Found(node.value)
    if isinstance(node, _ast.Attribute):
        return attribute(_follow(node.value, namespace, depth + 1), node.attr)
    if isinstance(node, _ast.Call):
        return _called(_follow(node.func, namespace, depth + 1))
    if isinstance(node, _ast.Subscript):
        inner = _follow(node.value, namespace, depth + 1)
        return _subscript(inner, node.slice)
    if type(node) in _LITERALS:
        return Found(cls=_LITERALS[type(node)])
    raise Unknown


def follow(source: str, namespace: dict[str, Any]) -> Found:
    """What the expression is, or Unknown."""
    try:
        tree = compile(source.strip(), "<expression>", "eval", _ONLY_AST)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Unknown from None
    try:
        return _follow(tree.body, namespace, 0)
    except Unknown:
        raise
    except Exception:
        # An object whose own hooks raise.
        raise Unknown from None
