using System.CommandLine;
using Parley.Host.Cli;

// The child that reads documents: nothing else of Parley is loaded.
if (args is ["parse", "--worker"]) return Parley.Knowledge.Parsing.ParseChild.Run();

var parley = new RootCommand("Parley: self-hosted AI customer support that answers from your own knowledge")
{
    UpCommand.Create(),
    ImportCommands.Create(),
    SourcesCommand.Create(),
    ArticlesCommand.Create(),
    AskCommand.Create(),
    EvalCommand.Create(),
    MigrateCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    DoctorCommand.Create(),
    CostsCommand.Create(),
    ConversationsCommand.Create(),
    CostsCommand.CreateBudget(),
    JobsCommand.Create(),
    ModelsCommand.Create(),
    MembersCommand.Create(),
    OperatorCommand.Create(),
    PrivacyCommands.CreateExport(),
    PrivacyCommands.CreateRetention(),
    PrivacyCommands.CreateErase(),
    PrivacyCommands.CreateWorkspace(),
    WebhooksCommand.Create(),
    OpenApiCommand.Create(),
};

// Long enough for requests and jobs to end after Ctrl-C or SIGTERM.
return await parley.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60), EnableDefaultExceptionHandler = false });
