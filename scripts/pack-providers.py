#!/usr/bin/env python3
"""Packs facts about providers into src/provider/data/facts.bin, which the binary embeds.

usage: scripts/pack-providers.py [--schemas DIR]... [--behaviour DIR] [--out FILE] [--version PROVIDER=VERSION]...

Schemas are files in the shape of `terraform providers schema -json`; those in src/provider/data/schemas are always
packed, a file of the same name in a --schemas folder replaces the one there. src/provider/data/README.md says where they
come from, src/provider/packed.rs how the file is laid out. The output depends on the input alone.
"""
import argparse
import collections
import json
import pathlib
import struct

DATA = pathlib.Path(__file__).resolve().parent.parent / "src/provider/data"
SECTIONS = ("resource_schemas", "data_source_schemas", "ephemeral_resource_schemas")
PRIMITIVES = {"dynamic": 0, "bool": 1, "number": 2, "string": 3}
COLLECTIONS = {"list": 4, "set": 5, "map": 6}
MODES = {"single": 0, "group": 1, "list": 2, "set": 3, "map": 4}
FLAGS = ("required", "optional", "computed", "sensitive", "write_only")
NESTED = 32
STRIDE = 8  # every eighth string of the pool has its offset in the table


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def u24(n):
    assert n < 1 << 24
    return struct.pack("<I", n)[:3]


class Pool:
    """Interned byte strings, each at an offset of one growing buffer."""

    def __init__(self):
        self.buffer, self.at = bytearray(b"\0"), {}

    def put(self, record):
        if record not in self.at:
            self.at[record] = len(self.buffer)
            self.buffer += record
        return self.at[record]


class Packer:
    """Two passes over the same code: the first counts names and shapes, the second knows the short numbers of the frequent ones."""

    def __init__(self, name_order=(), shape_order=()):
        self.names = {name: i for i, name in enumerate(name_order)}
        self.shapes = {shape: i for i, shape in enumerate(shape_order)}
        self.name_uses, self.shape_uses = collections.Counter(), collections.Counter()
        self.records, self.block_at, self.shape_at = Pool(), {}, {}

    def name(self, text):
        self.name_uses[text] += 1
        return varint(self.names.get(text, 0))

    def type(self, t):
        if isinstance(t, str):
            return bytes([PRIMITIVES[t]])
        if t[0] in COLLECTIONS:
            return bytes([COLLECTIONS[t[0]]]) + self.type(t[1])
        if t[0] == "tuple":
            return b"\x07" + varint(len(t[1])) + b"".join(self.type(e) for e in t[1])
        assert t[0] == "object", t
        return b"\x08" + varint(len(t[1])) + b"".join(self.name(n) + self.type(e) for n, e in sorted(t[1].items()))

    def shape(self, attribute):
        """Flags and type together: some hundreds of them, so that an attribute takes two or three bytes."""
        flags = sum(1 << i for i, flag in enumerate(FLAGS) if attribute.get(flag))
        nested = attribute.get("nested_type")
        shape = (flags | (NESTED if nested else 0), json.dumps(nested or attribute["type"], sort_keys=True))
        if shape not in self.shape_uses:
            if nested:
                record = bytes([MODES[nested["nesting_mode"]]]) + varint(self.block({"attributes": nested["attributes"]}))
            else:
                record = self.type(attribute["type"])
            self.shape_at[shape] = self.records.put(record)
        self.shape_uses[shape] += 1
        return varint(self.shapes.get(shape, 0))

    def block(self, block):
        """Equal blocks are stored once: QuickSight and WAF repeat theirs hundreds of times."""
        key = json.dumps(block, sort_keys=True)
        if key not in self.block_at:
            self.block_at[key] = self.records.put(self.block_record(block))
        return self.block_at[key]

    def block_record(self, block):
        attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
        out = varint(len(attributes))
        for name, attribute in sorted(attributes.items()):
            out += self.name(name) + self.shape(attribute)
        out += varint(len(blocks))
        for name, nested in sorted(blocks.items()):
            least, most = nested.get("min_items", 0), nested.get("max_items", 0)
            out += self.name(name) + bytes([MODES[nested["nesting_mode"]] | (8 if least else 0) | (16 if most else 0)])
            out += (varint(least) if least else b"") + (varint(most) if most else b"")
            out += varint(self.block(nested["block"]))
        return out

    def paths(self, paths):
        out = varint(len(paths))
        for path in paths:
            steps = path.split(".")
            out += varint(len(steps)) + b"".join(self.name(step) for step in steps)
        return out

    def behaviour(self, facts):
        if not facts:
            return 0
        out = varint(len(facts.get("defaults", {})))
        for path, value in sorted(facts.get("defaults", {}).items()):
            out += self.paths([path])[1:] + self.name(json.dumps(value, separators=(",", ":")))
        for key in ("force_new", "empty_elements", "unknown_blocks", "kept"):
            out += self.paths(facts.get(key, []))
        out += varint(len(facts.get("only_when", [])))
        for rule in facts.get("only_when", []):
            out += self.paths(rule["paths"]) + self.name(rule["attribute"])
            out += varint(len(rule["values"])) + b"".join(self.name(value) for value in rule["values"])
        return self.records.put(out)

    def pack(self, providers, behaviour, versions):
        index = [[], [], [], []]
        for source, schema in sorted(providers.items()):
            short = source.rsplit("/", 1)[1]
            self.name(source)
            for entries, section in zip(index, SECTIONS):
                for kind, facts in schema.get(section, {}).items():
                    of = behaviour.get(kind) if section == SECTIONS[0] else None
                    entries.append((kind, self.block(facts["block"]), self.behaviour(of)))
                    self.name(kind)
            about = self.records.put(self.name(source) + self.name(versions.get(short, "")))
            index[3].append((short, self.block(schema.get("provider", {}).get("block", {})), about))
            self.name(short)
        return [sorted(entries) for entries in index]

    def order(self):
        """Names and shapes, the most frequent first: they get the shortest numbers."""
        by = lambda uses: [key for key, _ in sorted(uses.items(), key=lambda item: (-item[1], item[0]))]
        return by(self.name_uses), by(self.shape_uses)


def written(packer, index):
    names, shapes = list(packer.names), list(packer.shapes)
    stops, pool = b"", b""
    for i, name in enumerate(names):
        if i % STRIDE == 0:
            stops += struct.pack("<I", len(pool))
        text = name.encode()
        pool += varint(len(text)) + text
    table = b"".join(bytes([flags]) + u24(packer.shape_at[flags, t]) for flags, t in shapes)
    entries = b"".join(struct.pack("<H", packer.names[n]) + u24(b) + u24(f) for part in index for n, b, f in part)
    sections = [stops, pool, table, bytes(packer.records.buffer), entries]
    counts = [len(names), len(shapes)] + [len(part) for part in index]
    at = 4 + 4 * (len(counts) + len(sections))
    header = b"TFP1" + b"".join(struct.pack("<I", n) for n in counts)
    for section in sections:
        header += struct.pack("<I", at)
        at += len(section)
    return header + b"".join(sections)


def folder(path):
    return {file.stem: json.loads(file.read_text()) for file in sorted(pathlib.Path(path).glob("*.json"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schemas", action="append", default=[])
    parser.add_argument("--behaviour", default=DATA / "behaviour")
    parser.add_argument("--out", default=DATA / "facts.bin")
    parser.add_argument("--version", action="append", default=[], metavar="PROVIDER=VERSION")
    args = parser.parse_args()
    files = folder(DATA / "schemas")
    for path in args.schemas:
        files |= folder(path)
    providers = {source: schema for file in files.values() for source, schema in file["provider_schemas"].items()}
    behaviour = {kind: facts for file in folder(args.behaviour).values() for kind, facts in file.items()}
    versions = dict(pair.split("=", 1) for pair in args.version)

    first = Packer()
    first.pack(providers, behaviour, versions)
    packer = Packer(*first.order())
    index = packer.pack(providers, behaviour, versions)
    data = written(packer, index)
    pathlib.Path(args.out).write_bytes(data)
    print(f"{len(data)} bytes: {[len(part) for part in index]} types, {len(packer.names)} names, {len(packer.shapes)} shapes, {len(packer.block_at)} blocks")


if __name__ == "__main__":
    main()
