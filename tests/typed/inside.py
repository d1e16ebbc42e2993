"""A class in the flow's own file, one made from another, and aliases of types."""

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, NewType, Optional, Union

import shapes as s
from work import find

Name = NewType("Name", str)
Goods = list[s.Item]


@dataclass
class Base:
    id: str
    goods: Goods = field(default_factory=list)


@dataclass
class Order(Base):
    kind: ClassVar[str] = "order"
    _: KW_ONLY
    customer: Optional[s.User] = None
    note: Union[str, None] = None
    name: "Name" = "unnamed"
    rows: "dict[str, list[s.Item]]" = field(default_factory=dict)


async def inside(order: "Order") -> Order:
    good = await find(order.id)
    order.goods.append(good)
    if order.customer is None:
        order.customer = s.User("walk in")
    order.customer.age -= 1
    order.rows["a"] = [good, s.Item(order.name)]
    for key, row in order.rows.items():
        for item in row:
            item.tags.append(key)
    order.note = f"{order.rows['a'][0].name} for {order.customer.name}"
    again = await find(order.rows["a"][-1].name)
    order.rows["b"] = [again]
    good.price = 7.0
    return order
