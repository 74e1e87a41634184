using Parley.Platform.Errors;

namespace Parley.Knowledge;

internal static class KnowledgeErrors
{
    internal static Error NoSource { get; } = Error.NotFound("source");

    internal static Error NoImport { get; } = Error.NotFound("import");

    internal static Error NoDocument { get; } = Error.NotFound("document");

    internal static Error ImportRunning(Guid importId, string state) => Error.Conflict(
        "import.running", $"The import {importId:D} of this source is {state}. Wait until it has finished, or cancel it.");

    internal static Error SourceExists(Guid sourceId) => Error.Conflict(
        "source.exists", $"There is a source of this name. Give sourceId {sourceId:D} to update it, or choose another name.");

    internal static Error NoCrawl { get; } = Error.NotFound("crawl");

    internal static Error NotAWebsite { get; } = Error.Conflict("source.not_a_website", "This source is not fetched by Parley: bring its files again with an import.");

    internal static Error HoldsArticles { get; } = Error.Conflict("source.articles", "This source holds the articles that are written here: unpublish or delete the articles instead.");

    internal static Error NotUploadable(string kind) => Error.Conflict(
        "source.not_uploadable", kind == "website" ? "This source is a website, which Parley fetches itself: run it again instead." : "This source holds the articles that are written here: publish an article instead.");

    internal static Error Paused { get; } = Error.Conflict("source.paused", "The source is paused. Resume it first.");

    internal static Error NotUploading(string state) => Error.Conflict(
        "import.not_uploading", $"The import is {state}: files can only be added before it is started. Make a new import.");

    internal static Error Finished(string state) => Error.Conflict("import.finished", $"The import is {state}. Make a new import.");

    internal static Error Empty { get; } = new("import.empty", "The import has no files. Add at least one before you start it.", 400);

    internal static Error NotMultipart { get; } = new("upload.not_multipart", "Send the files as multipart/form-data; each part's filename is the file's path.", 415);

    internal static Error BadMultipart { get; } = new("upload.malformed", "The body ends early or is no valid multipart/form-data. Send the files again.", 400);
}
