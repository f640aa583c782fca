"""The DICOM storage listener: C-STORE and C-ECHO (PS3.4 B and A) from callers that are named beforehand.

What arrives is written to the folder `incoming` under a name of ours, piece by piece, and ingested before it is
answered: success means that the instance is stored for good, or was here already. One delivery an association.
"""

import logging
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path
from typing import cast

from django.db import DatabaseError, InterfaceError, connections
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import ThreadedAssociationServer

from .deliver import begin, end
from .ingest import REFUSED, Item, ingest_sources
from .limits import MAX_FILE_BYTES
from .models import Upload
from .receive import FULL, folder, has_room, is_full
from .source import Source
from .transfer_syntax import TAKEN
from .walk import reader

log = logging.getLogger(__name__)

# PS3.4 B.2.3: what a C-STORE ends with
SUCCESS, OUT_OF_RESOURCES, NO_MATCH, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xA900, 0xC000
CONTRADICTIONS = ("other_bytes", "other_patient", "other_study")
MOST_ASSOCIATIONS = 10
CHUNK = 1 << 20  # so much is let come before it is asked whether there is room
PLAIN = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


@dataclass
class Listener:
    """Serves until `stop`; each association runs in a thread of its own."""

    host: str
    port: int
    ae_title: str
    peers: Sequence[str]  # AE titles that may call
    _server: ThreadedAssociationServer | None = None
    _uploads: dict[Association, Upload] = field(default_factory=dict)
    _arriving: dict[Association, int] = field(default_factory=dict)  # bytes of what is being sent
    _folder_before: str | None = None  # where this process kept its temporary files
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Raises OSError when the port cannot be had."""
        _config.STORE_RECV_CHUNKED_DATASET = True  # to the disk as it comes, not into memory
        _config.LOG_HANDLER_LEVEL = "none"  # its lines would name instances
        self._folder_before, tempfile.tempdir = tempfile.tempdir, str(folder())
        entity = AE(self.ae_title)
        entity.require_calling_aet = list(self.peers)
        entity.maximum_associations = MOST_ASSOCIATIONS
        entity.add_supported_context(Verification)
        compressed = sorted(TAKEN - set(PLAIN))
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(str(context.abstract_syntax), [*PLAIN, *compressed])
        handlers: list[evt.EventHandlerType] = [
            (evt.EVT_DATA_RECV, self.arrived),
            (evt.EVT_C_STORE, self.store),
            (evt.EVT_C_ECHO, lambda event: SUCCESS),
            (evt.EVT_REJECTED, self.rejected),
            (evt.EVT_RELEASED, self.over),
            (evt.EVT_ABORTED, self.over),
            (evt.EVT_CONN_CLOSE, self.closed),
        ]
        server = entity.start_server((self.host, self.port), block=False, evt_handlers=handlers)
        assert isinstance(server, ThreadedAssociationServer)  # block=False gives one
        self._server = server

    def stop(self) -> None:
        if self._server is not None:
            self._server.ae.shutdown()
            tempfile.tempdir = self._folder_before
        for association in list(self._uploads):
            self._complete(association)

    def arrived(self, event: evt.Event) -> None:
        """Whoever sends more than any file has, or than the disk holds, is cut off."""
        caller = event.assoc
        bytes_so_far = self._arriving.get(caller, 0) + len(event.data)
        self._arriving[caller] = bytes_so_far
        full = bytes_so_far > CHUNK and not has_room(len(event.data))
        if full or bytes_so_far > MAX_FILE_BYTES:
            log.warning("%s sends more than is taken, or than the disk holds", _title(caller))
            caller.abort()

    def store(self, event: evt.Event) -> Dataset:
        """Answers a C-STORE. The comment names neither the patient nor the instance."""
        self._arriving.pop(event.assoc, None)
        try:
            if not has_room(0):
                raise OSError(ENOSPC, FULL)
            item = self._ingest(event)
        except (DatabaseError, InterfaceError):
            log.exception("An instance was not stored: the database does not answer")
            return _status(OUT_OF_RESOURCES, "The archive's database does not answer")
        except OSError as error:
            log.exception("An instance was not stored")
            full = "The archive's disk is full" if is_full(error) else "The archive cannot write"
            return _status(OUT_OF_RESOURCES, full)
        except Exception:
            log.exception("An instance was not stored")
            return _status(NOT_UNDERSTOOD, "The archive failed on this instance")
        finally:
            connections.close_all()  # back to the pool: the next one may be long in coming
        if item.outcome != REFUSED:
            return _status(SUCCESS)
        return _status(NO_MATCH if item.code in CONTRADICTIONS else NOT_UNDERSTOOD, item.code)

    def rejected(self, event: evt.Event) -> None:
        log.warning(
            "%s was refused: it is not among the callers, or too many call", _title(event.assoc)
        )

    def over(self, event: evt.Event) -> None:
        """The caller has gone, in good order or not: the report is complete."""
        self._complete(event.assoc)

    def closed(self, event: evt.Event) -> None:
        """The line is gone: nothing stays of what was sent by half."""
        self._arriving.pop(event.assoc, None)
        message = event.assoc.dimse.message
        if message is not None and (half := message._data_set_file) is not None:
            half.close()
            Path(half.name).unlink(missing_ok=True)

    def _ingest(self, event: evt.Event) -> Item:
        caller = event.assoc.requestor.ae_title.strip()
        path = event.dataset_path
        # sealed in the report, so that an admin can tell the sender which one it was
        name = f"{caller} {cast(C_STORE, event.request).AffectedSOPInstanceUID}"
        source = Source(name, reader(path), size_bytes=path.stat().st_size)
        items: list[Item] = []
        ingest_sources([source], upload=self._upload(event.assoc), progress=items.append)
        return items[0]

    def _upload(self, association: Association) -> Upload:
        with self._guard:
            if association not in self._uploads:
                self._uploads[association] = begin(Upload.Way.LISTENER)
            return self._uploads[association]

    def _complete(self, association: Association) -> None:
        with self._guard:
            upload = self._uploads.pop(association, None)
        if upload is None:  # it only asked whether we are there
            return
        try:
            # what must be searched for names is, by the job that beat asks for
            end(upload, Upload.State.DONE)
        except Exception:
            log.exception("The report of delivery %d could not be closed", upload.pk)
        finally:
            connections.close_all()


def _title(association: Association) -> str:
    caller = association.requestor
    return f"{caller.ae_title.strip()!r} at {caller.address}"


def _status(code: int, comment: str = "") -> Dataset:
    status = Dataset()
    status.Status = code
    if comment:
        status.ErrorComment = comment[:64]  # LO
    return status
