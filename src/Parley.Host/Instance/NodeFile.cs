using Parley.Platform;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Platform.Secrets;

namespace Parley.Host.Instance;

/// <summary><c>DATA/node.env</c> (0600): what another node of the installation needs to know, in the form a shell reads.</summary>
internal static class NodeFile
{
    internal static string PathIn(string data) => Path.Combine(data, "node.env");

    internal static void Write(string data, DatabaseOptions database, MasterKey key, string objects) => PrivateFile.Write(PathIn(data), $"""
        # Another node:  set -a; . {Quote(PathIn(data))}; set +a; parley up --data OTHER-FOLDER --port OTHER-PORT
        ConnectionStrings__Parley={Quote(database.OwnerConnectionString)}
        PARLEY_MASTER_KEY={Quote(key.ToBase64())}
        PARLEY_OBJECTS={Quote(objects)}
        {string.Concat(Shared(objects).Select(name => $"{name}={Quote(Environment.GetEnvironmentVariable(name)!)}\n"))}
        """);

    /// <summary>The line that starts another node, for people to copy; it shows no secret.</summary>
    internal static string Line(string data) => $"(set -a; . {Quote(PathIn(data))}; ./parley up --data OTHER-FOLDER --port 5081)";

    /// <summary>What the object store needs besides its address.</summary>
    private static IEnumerable<string> Shared(string objects) =>
        ObjectLocation.Parse(objects).IsS3 ? ((string[])[.. S3Credentials.Names, "PARLEY_PRIVATE_HOSTS"]).Where(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) : [];

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
