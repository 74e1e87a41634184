using Parley.Host.Web;
using Parley.Identity;
using Parley.Platform;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Instance;

/// <summary>How to run an instance in this process.</summary>
internal sealed record LocalInstanceSettings
{
    internal required string Data { get; init; }
    /// <summary>Null: PARLEY_OBJECTS, else in the data folder.</summary>
    internal string? Objects { get; init; }
    internal NodeRole Role { get; init; } = NodeRole.All;
    internal string Listen { get; init; } = "127.0.0.1";
    internal int Port { get; init; }
    internal LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>False: its database is thrown away, so it need not survive a power cut.</summary>
    internal bool Durable { get; init; } = true;

    /// <summary>True: what the first question needs is made ready before the instance says that it is. For who stays, not for a command.</summary>
    internal bool WarmUp { get; init; }

    /// <summary>True: makes the demo tenant and the first operator where there are none.</summary>
    internal bool FirstStart { get; init; } = true;
}

/// <summary>A whole instance in this process: folder, database, application, in this order; given back in the reverse one.</summary>
internal sealed class LocalInstance : IAsyncDisposable
{
    private readonly DataDirectory _data;
    private InstanceDatabase? _database;
    private ILoggerFactory? _logging;

    private LocalInstance(DataDirectory data) => _data = data;

    internal WebApplication App { get; private set; } = null!;

    internal Uri Address { get; private set; } = null!;

    internal string Token { get; private set; } = "";

    /// <summary>Set where this start made the first operator: show it, it is kept nowhere.</summary>
    internal OperatorCredentials? FirstOperator { get; private set; }

    /// <exception cref="CommandException">The folder is in use, or cannot be used.</exception>
    internal static async Task<LocalInstance> StartAsync(LocalInstanceSettings settings, IProgress<string> progress, CancellationToken ct)
    {
        var data = DataDirectory.TryOpen(settings.Data) ?? throw new CommandException(InUse(settings.Data));
        var instance = new LocalInstance(data);
        try
        {
            await instance.StartCoreAsync(settings, progress, ct);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops taking requests, lets running ones and jobs end, then stops the database.</summary>
    public async ValueTask DisposeAsync()
    {
        File.Delete(RunFile.PathIn(_data.Path));
        File.Delete(NodeFile.PathIn(_data.Path));
        if (App is not null)
        {
            await App.StopAsync();
            await App.DisposeAsync();
        }
        if (_database is not null) await _database.DisposeAsync();
        _logging?.Dispose();
        _data.Dispose();
    }

    private async Task StartCoreAsync(LocalInstanceSettings settings, IProgress<string> progress, CancellationToken ct)
    {
        _logging = LoggerFactory.Create(builder => builder.AddParleyConsole(settings.LogLevel));
        File.Delete(RunFile.PathIn(settings.Data)); // of a process that was killed
        var key = MasterKey.LoadOrCreate(DataDirectory.MasterKeyIn(settings.Data));

        progress.Report("Starting the database");
        _database = await InstanceDatabase.OpenAsync(settings.Data, _logging.CreateLogger("Parley.Host"), settings.Durable, ct);
        progress.Report("Migrating");
        await new Migrator(_database.Options, key, Modules.Migrations).MigrateAsync(ct);

        var objects = DataDirectory.ObjectsIn(settings.Data, settings.Objects);
        await SharedObjects.EnsureAsync(_database.Options, objects, ct);
        var options = new InstanceOptions
        {
            DataDirectory = settings.Data, Objects = objects, Database = _database.Options, MasterKey = key,
            Role = settings.Role, Listen = settings.Listen, Port = settings.Port, LogLevel = settings.LogLevel,
        };
        progress.Report("Starting the application");
        App = ParleyApp.Build(options);
        var readiness = App.Services.GetRequiredService<Readiness>();
        readiness.Hold();
        await SucceedAsync(App.Services, ct);
        try { await App.StartAsync(ct); }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new CommandException($"Port {settings.Port} is in use: choose another with --port.");
        }
        Address = App.Address();
        Token = options.Token.Value;
        if (settings.FirstStart)
        {
            FirstOperator = await Instance.FirstStart.RunAsync(App.Services, progress, ct);
            await Instance.FirstStart.ImportGuidesAsync(App.Services, progress, ct);
        }
        if (settings.WarmUp) await Instance.WarmUp.RunAsync(App.Services, Address, ct);
        readiness.Release();
        new RunFile(Address, Token, Environment.ProcessId).Write(settings.Data);
        NodeFile.Write(settings.Data, _database.Options, key, objects);
    }

    /// <summary>Frees what a killed predecessor held: its jobs go on at once instead of when their leases end.</summary>
    private async Task SucceedAsync(IServiceProvider services, CancellationToken ct)
    {
        if (_data.ReadPredecessor() is { } predecessor) await services.GetRequiredService<GoneNode>().ReleaseAsync(predecessor, ct);
        _data.WriteNode(services.GetRequiredService<NodeIdentity>().Id);
    }

    private static string InUse(string data) => RunFile.Read(data) is { } run
        ? $"Parley already runs on '{data}': process {run.Pid} at {run.Url}. Stop it first, or choose another folder with --data DIR."
        : $"Another Parley process works on '{data}'. Wait for it to end, or choose another folder with --data DIR.";
}
