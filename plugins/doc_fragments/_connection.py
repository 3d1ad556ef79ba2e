# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is PRIVATE to the collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    # The options of CONNECTION_OPTIONS in module_utils/_argument_spec.py; a unit test holds the two together.
    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - The shop's API key, from Komfortkasse's merchant area, B(Settings), B(Shop), B(API access settings). A key
        belongs to one shop and sees the orders of that shop.
      - Give either this option or O(api_key_file). The first of these levels that has a key decides. (1) The task, with
        its C(module_defaults). (2) The variables of the host, C(komfortkasse_api_key) and
        C(komfortkasse_api_key_file). (3) The line of the host in the YAML file that the environment variable
        E(KOMFORTKASSE_SHOP_KEYS_FILE) of the controller names, a mapping of hosts to keys. (4) The environment
        variables E(KOMFORTKASSE_API_KEY) and E(KOMFORTKASSE_API_KEY_FILE) of the machine on which the module runs,
        which is the controller with C(connection=local).
      - So a host with a key is a shop, and its tasks need no O(api_key).
      - It is an error to set both options on one level, to set a variable to something undefined, or to have a keys
        file without a line for the host. An empty value counts as not given. The keys file as a whole may be encrypted
        with Ansible Vault.
      - Do not set the key with the keyword C(environment) of a task or play, because Ansible shows these values
        at high verbosity.
      - The key allows everything that the API can do, including marking orders as paid. Treat it like a password.
    type: str
  api_key_file:
    description:
      - A file that holds the API key and nothing else, on the machine on which the module runs. One line break at its
        end is ignored.
      - See O(api_key) for the other places that a key may come from, such as the environment variable
        E(KOMFORTKASSE_API_KEY_FILE).
    type: path
  api_url:
    description:
      - The address of the API.
      - If it is not given or empty, the variable C(komfortkasse_api_url) of the host is used, then the environment
        variable E(KOMFORTKASSE_API_URL).
      - Plain C(http) is refused, except to the machine itself for testing, because the API key would travel in the
        clear.
      - Redirects are never followed, and a C(~/.netrc) is never used. Proxies are taken from the usual environment
        variables such as E(HTTPS_PROXY) and E(NO_PROXY).
    type: str
    default: https://ssl.komfortkasse.eu/api/v2
  validate_certs:
    description:
      - Whether the server's TLS certificate is checked. TLS older than 1.2 is refused in any case.
      - With V(false) anyone between here and the API can read the API key, and the module warns. Use O(ca_path) for a
        private certificate authority.
    type: bool
    default: true
  ca_path:
    description:
      - A file, or a directory prepared with C(openssl rehash), with the certificates of the authorities to trust.
      - If it is not given or empty, the variable C(komfortkasse_ca_path) of the host is used, then the environment
        variable E(KOMFORTKASSE_CA_PATH), and without that the authorities that the Python library C(requests) trusts.
    type: path
  timeout:
    description:
      - How many seconds each request waits for a connection, then for the beginning of the answer, then until the
        answer is complete.
      - A list of orders may pause for this long, and take 20 times as long in all.
      - If it is not given or empty, the variable C(komfortkasse_timeout) of the host is used, then the environment
        variable E(KOMFORTKASSE_TIMEOUT).
    type: int
    default: 30
  retries:
    description:
      - How often a request is tried again after a temporary failure, such as a broken connection, a time-out, or one
        of the HTTP statuses 408, 429, and 5xx.
      - A change that may have taken effect is never sent again blindly. The order is read first, and the change is
        sent again only if the order is as it was before.
    type: int
    default: 4
  retry_max_wait:
    description:
      - The longest wait before another try, in seconds.
      - If the server asks for a longer wait with the header C(Retry-After), the module fails at once and says what was
        asked for.
    type: int
    default: 60
requirements:
  - python >= 3.9
  - requests >= 2.28
"""
