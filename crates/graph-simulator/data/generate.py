"""Writes types.tsv and routes.tsv: names and permissions of what sets.tsv lists.

    python3 generate.py FACTS

FACTS is a folder with entra-types.tsv and entra-paths.tsv, which are derived from Microsoft's
published metadata and permission map. Neither is needed to build or test.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
# Types that stand in for an abstract one, and types that no set is made of.
MORE = """ipNamedLocation countryNamedLocation iPv4CidrRange iPv6CidrRange
fido2AuthenticationMethodConfiguration microsoftAuthenticatorAuthenticationMethodConfiguration
smsAuthenticationMethodConfiguration temporaryAccessPassAuthenticationMethodConfiguration
voiceAuthenticationMethodConfiguration emailAuthenticationMethodConfiguration
softwareOathAuthenticationMethodConfiguration x509CertificateAuthenticationMethodConfiguration
authenticationMethodTarget singleUser groupMembers requestorManager
identityGovernance.triggerAndScopeBasedConditions identityGovernance.onDemandExecutionOnly
identityGovernance.ruleBasedSubjectSet identityGovernance.timeBasedAttributeTrigger
unifiedRoleManagementPolicyExpirationRule unifiedRoleManagementPolicyEnablementRule
domainDnsTxtRecord domainDnsMxRecord accessReviewQueryScope
socialIdentityProvider builtInIdentityProvider""".split()


def rows(path):
    lines = path.read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


def types(facts, wanted):
    fields, enums = {}, {}
    for row in rows(facts / "entra-types.tsv"):
        name, kind, field, edm, nullable, many, role = row[:7]
        if "prod" not in row[8].split(","):
            continue
        if kind == "enum":
            flags = "flags" if many not in ("-", "no", "one") else "enum"
            enums.setdefault(name, (flags, []))[1].append(field)
        else:
            fields.setdefault(name, []).append((field, edm, nullable, many, role))
    out, todo, seen = ["type\tproperty\tedm\tnullable\tmany\trole"], list(wanted), set()
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in enums:
            flags, members = enums[name]
            out += [f"{name}\t{member}\t-\t-\t-\t{flags}" for member in members]
        for field, edm, nullable, many, role in fields.get(name, []):
            out.append("\t".join((name, field, edm, nullable, many, role)))
            if role == "property" and not edm.startswith("Edm."):
                todo.append(edm)
    return out


def alternatives(text):
    """The parts of `A|B+(C|D)` that stand beside each other."""
    parts, depth = [""], 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def expand(text):
    """`B+(C|D)` as `B+C` and `B+D`."""
    if text in ("", "-"):
        return []
    head, _, tail = text.partition("+")
    return [f"{head}+{also}" for also in tail.strip("()").split("|")] if tail else [head]


def routes(facts, sets):
    prefixes = ["/" + row[0] for row in sets]
    out = ["method\tpath\tpermissions\tclouds"]
    for row in rows(facts / "entra-paths.tsv"):
        method, path, clouds, least, other = row[0], row[1], row[5], row[6], row[8]
        base = next((p for p in sorted(prefixes, key=len, reverse=True) if path == p or path.startswith(p + "/")), None)
        if base is None or path[len(base):].count("/") > 2 or "=" in path or row[2] in ("ref", "cast"):
            continue
        listed = [text for item in alternatives(least) + other.split(",") for text in expand(item)]
        clouds = "all" if clouds.count(",") == 7 else clouds
        out.append("\t".join((method, path, ",".join(dict.fromkeys(listed)) or "-", clouds)))
    return out


def main():
    facts = Path(sys.argv[1])
    sets = rows(HERE / "sets.tsv")
    wanted = [row[1] for row in sets] + MORE
    (HERE / "types.tsv").write_text("\n".join(types(facts, wanted)) + "\n")
    (HERE / "routes.tsv").write_text("\n".join(routes(facts, sets)) + "\n")


main()
