using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Secrets;

namespace Parley.Host.Instance;

/// <summary><c>DATA/node.env</c> (0600): what another node of the installation needs to know, in the form a shell reads.</summary>
internal static class NodeFile
{
    private const string Objects = "PARLEY_OBJECTS=";

    internal static string PathIn(string data) => Path.Combine(data, "node.env");

    internal static void Write(string data, DatabaseOptions database, MasterKey key, string objects) => PrivateFile.Write(PathIn(data), $"""
        # Another node:  set -a; . {Quote(PathIn(data))}; set +a; parley up --data OTHER-FOLDER --port OTHER-PORT
        ConnectionStrings__Parley={Quote(database.OwnerConnectionString)}
        PARLEY_MASTER_KEY={Quote(key.ToBase64())}
        PARLEY_OBJECTS={Quote(objects)}
        {string.Concat(Shared(objects).Select(name => $"{name}={Quote(Environment.GetEnvironmentVariable(name)!)}\n"))}
        """);

    /// <summary>Where the files of the instance are that runs on this folder; null: none runs.</summary>
    internal static string? ObjectsOf(string data)
    {
        try
        {
            return File.ReadLines(PathIn(data)).FirstOrDefault(line => line.StartsWith(Objects, StringComparison.Ordinal))?[Objects.Length..].Trim('\'').Replace("'\\''", "'", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    /// <summary>The line that starts another node, for people to copy; it shows no secret.</summary>
    internal static string Line(string data) => $"(set -a; . {Quote(PathIn(data))}; ./parley up --data OTHER-FOLDER --port 5081)";

    /// <summary>What the object store needs besides its address.</summary>
    private static IEnumerable<string> Shared(string objects) =>
        ObjectLocation.Parse(objects).IsS3 ? ((string[])[.. S3Credentials.Names, "PARLEY_PRIVATE_HOSTS"]).Where(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) : [];

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
