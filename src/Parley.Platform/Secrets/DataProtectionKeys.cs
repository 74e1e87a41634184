using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Parley.Platform.Data;

namespace Parley.Platform.Secrets;

/// <summary>
/// The framework's data-protection keys in PostgreSQL: every node opens what another has protected, and none writes keys into anybody's home
/// folder. Their secret part is sealed by the master key (<see cref="MasterKeyXmlEncryptor"/>).
/// </summary>
internal sealed class DataProtectionKeys(SystemDb system, TimeProvider time) : IXmlRepository
{
    internal const string AllSql = "select * from data_protection_keys_all()";
    internal const string AddSql = "select data_protection_key_add(@id, @xml, @now)::text";

    // The interface is not asynchronous; the framework calls it once at start and once in weeks.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => system.QueryAsync<string>(AllSql, null, CancellationToken.None)).GetAwaiter().GetResult().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D");
        Task.Run(() => system.ExecuteAsync(AddSql, new { id, xml = element.ToString(SaveOptions.DisableFormatting), now = time.GetUtcNow() }, CancellationToken.None)).GetAwaiter().GetResult();
    }
}

/// <summary>Seals what the framework says is secret in its keys.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKey master) : IXmlEncryptor
{
    internal static readonly byte[] Context = "data-protection"u8.ToArray();

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("sealedByMasterKey", new XAttribute("keyId", master.Id),
            Convert.ToBase64String(Seal.ClosePacked(master.Derive("data-protection"), Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)), Context))),
        typeof(MasterKeyXmlDecryptor));
}

/// <summary>Opens it. The framework makes one by its name, which stands in the stored XML.</summary>
internal sealed class MasterKeyXmlDecryptor : IXmlDecryptor
{
    private readonly MasterKey _master;

    public MasterKeyXmlDecryptor(IServiceProvider services) => _master = services.GetRequiredService<MasterKey>();

    public XElement Decrypt(XElement encryptedElement)
    {
        if (encryptedElement.Attribute("keyId")?.Value is var id && id != _master.Id)
        {
            throw new CryptographicException($"A data-protection key is sealed by the master key {id}; this node has {_master.Id}.");
        }
        return XElement.Parse(Encoding.UTF8.GetString(Seal.OpenPacked(_master.Derive("data-protection"), Convert.FromBase64String(encryptedElement.Value), MasterKeyXmlEncryptor.Context)));
    }
}
