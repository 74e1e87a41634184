using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Parley.Platform.Data;

namespace Parley.Platform.Secrets;

/// <summary>
/// The framework's data-protection keys in PostgreSQL, sealed by the master key: every node opens what another has protected, and none
/// writes keys into anybody's home folder.
/// </summary>
internal sealed class DataProtectionKeys(SystemDb system, MasterKey master, TimeProvider time) : IXmlRepository
{
    internal const string AllSql = "select id, ciphertext from data_protection_keys_all()";
    internal const string AddSql = "select data_protection_key_add(@id, @ciphertext, @now)::text";
    private readonly byte[] _key = master.Derive("data-protection");

    // The interface is not asynchronous; the framework calls it once at start and once in weeks.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        Task.Run(() => system.QueryAsync<Row>(AllSql, null, CancellationToken.None)).GetAwaiter().GetResult()
            .Select(row => XElement.Parse(Encoding.UTF8.GetString(Seal.OpenPacked(_key, row.Ciphertext, Encoding.UTF8.GetBytes(row.Id))))).ToList();

    public void StoreElement(XElement element, string friendlyName)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D");
        var ciphertext = Seal.ClosePacked(_key, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)), Encoding.UTF8.GetBytes(id));
        Task.Run(() => system.ExecuteAsync(AddSql, new { id, ciphertext, now = time.GetUtcNow() }, CancellationToken.None)).GetAwaiter().GetResult();
    }

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public byte[] Ciphertext { get; init; } = [];
    }
}
