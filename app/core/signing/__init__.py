"""Signers: what can sign, without saying how or where its private key is kept."""

from app.core.signing.certificates import names_list, revocation_list, self_signed, signing_request
from app.core.signing.files import FileSigner, FolderStore, create_key, has_key, open_signer
from app.core.signing.keys import Algorithm, PublicKey, read_jwk, read_multikey
from app.core.signing.stores import KeyStore, KeyStoreError, Signer, check_name
from app.core.signing.tokens import TokenStore, open_store

__all__ = [
    "Algorithm",
    "FileSigner",
    "FolderStore",
    "KeyStore",
    "KeyStoreError",
    "PublicKey",
    "Signer",
    "TokenStore",
    "check_name",
    "create_key",
    "has_key",
    "names_list",
    "open_signer",
    "open_store",
    "read_jwk",
    "read_multikey",
    "revocation_list",
    "self_signed",
    "signing_request",
]
