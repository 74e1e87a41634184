namespace Parley.Host.Web;

/// <summary>Where the built web applications are: beside the published binary, or in the source tree.</summary>
internal static class WebRoot
{
    /// <summary>The folder of a built application (<c>console</c>, <c>widget</c>); null where it was not built.</summary>
    internal static string? Of(string application)
    {
        var published = Path.Combine(AppContext.BaseDirectory, "web", application);
        if (Directory.Exists(published))
        {
            return published;
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, "web", application, "dist");
            if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
            {
                return Directory.Exists(built) ? built : null;
            }
        }
        return null;
    }
}
