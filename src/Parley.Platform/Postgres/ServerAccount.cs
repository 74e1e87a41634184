using System.Diagnostics;

namespace Parley.Platform.Postgres;

/// <summary>The account the server runs under. PostgreSQL refuses to run as root, so root lends it another one.</summary>
/// <param name="Name">Null: our own account.</param>
internal sealed record ServerAccount(string? Name, string? Group)
{
    private static readonly string[] Candidates = ["parley", "postgres", "nobody"];

    internal static ServerAccount Choose()
    {
        if (!Environment.IsPrivilegedProcess) return new ServerAccount(null, null);
        var accounts = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(f => f.Length > 3).ToDictionary(f => f[0], f => f[3]);
        var name = Candidates.FirstOrDefault(accounts.ContainsKey) ?? throw new EmbeddedPostgresException(
            "PostgreSQL does not run as root and no account parley, postgres or nobody exists: run 'adduser --system --group parley'.");
        return new ServerAccount(name, accounts[name]);
    }

    /// <summary>The words that run a program under this account.</summary>
    internal string[] Words(string program, params IEnumerable<string> arguments) => Name is null
        ? [program, .. arguments]
        : ["setpriv", $"--reuid={Name}", $"--regid={Group}", "--clear-groups", "--reset-env", program, .. arguments];

    /// <summary>Starts from an environment that holds nothing of ours: no PG… variable, no secret, no locale.</summary>
    internal static ProcessStartInfo Command(params IReadOnlyList<string> words)
    {
        var info = new ProcessStartInfo(words[0], words.Skip(1)) { WorkingDirectory = "/" };
        var path = Environment.GetEnvironmentVariable("PATH");
        info.Environment.Clear();
        info.Environment["PATH"] = string.IsNullOrEmpty(path) ? "/usr/sbin:/usr/bin:/sbin:/bin" : path;
        info.Environment["LC_ALL"] = "C";
        return info;
    }

    /// <summary>Creates a folder that only this account (and root) can enter.</summary>
    internal async Task CreateFolderAsync(string path, CancellationToken ct)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Name is not null) (await ChildProcess.RunAsync("chown", [$"{Name}:{Group}", path], ct)).EnsureSuccess("chown");
    }

    /// <summary>Throws a one-line refusal where this account cannot reach the folder; a folder of ours is opened for passing through.</summary>
    internal async Task EnsureReachableAsync(string ownFolder, CancellationToken ct)
    {
        if (Name is null) return;
        File.SetUnixFileMode(ownFolder, File.GetUnixFileMode(ownFolder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        if (await CanEnterAsync(ownFolder)) return;

        var chain = new List<string>();
        for (var folder = Path.GetDirectoryName(ownFolder); folder is not null; folder = Path.GetDirectoryName(folder)) chain.Insert(0, folder);
        var closed = ownFolder;
        foreach (var folder in chain)
            if (!await CanEnterAsync(folder)) { closed = folder; break; }
        throw new EmbeddedPostgresException(
            $"The data folder '{ownFolder}' cannot be reached by the account '{Name}', under which PostgreSQL runs, because '{closed}' is closed to it: choose another --data, or run: chmod o+x '{closed}'");

        async Task<bool> CanEnterAsync(string folder) =>
            (await ChildProcess.RunAsync(Command(Words("test", "-x", folder)), null, ct)).ExitCode == 0;
    }
}
