"""Customers from files and into files, with the runs that the last server left."""

from cti_server.customer_export_runs import ExpiredExports, ExportRuns
from cti_server.import_runs import ImportRuns

from .ground import Ground


async def open_imports(ground: Ground) -> ImportRuns:
    folder = ground.data / "imports"
    imports = ImportRuns(ground.database, ground.log.append, folder, ground.region)
    ground.opening.push_async_callback(imports.close)
    await imports.resume()
    return imports


async def open_exports(ground: Ground) -> ExportRuns:
    folder, kept = ground.data / "exports", ground.settings.crm.exports_kept
    exports = ExportRuns(ground.database, ground.log.append, folder, kept)
    ground.opening.push_async_callback(exports.close)
    await exports.resume()
    ground.due.add(ExpiredExports(ground.database, exports))
    return exports
