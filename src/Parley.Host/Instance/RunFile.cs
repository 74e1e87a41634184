using System.Text.Json;
using Parley.Platform;

namespace Parley.Host.Instance;

/// <summary><c>DATA/run.json</c> (0600): how commands on this machine reach the running instance.</summary>
internal sealed record RunFile(Uri Url, string Token, int Pid)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static string PathIn(string data) => Path.Combine(data, "run.json");

    internal static RunFile? Read(string data)
    {
        try { return JsonSerializer.Deserialize<RunFile>(File.ReadAllBytes(PathIn(data)), Json); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException) { return null; }
    }

    internal void Write(string data) => PrivateFile.Write(PathIn(data), JsonSerializer.Serialize(this, Json));
}
