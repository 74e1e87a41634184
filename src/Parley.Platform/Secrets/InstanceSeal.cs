using System.Security.Cryptography;
using System.Text;

namespace Parley.Platform.Secrets;

/// <summary>
/// Seals what belongs to the whole instance and to no tenant (AES-256-GCM under a key derived from the master key). What it is for and whose it is are
/// bound into the seal, so that a sealed value that was moved to another row cannot be opened.
/// </summary>
public sealed class InstanceSeal(MasterKey master)
{
    /// <summary>Names the master key; stands beside what it sealed.</summary>
    public string KeyId => master.Id;

    /// <param name="purpose">One for each kind of thing; a key of its own is derived for it.</param>
    /// <param name="owner">Of what row.</param>
    /// <param name="text">What nobody may read in a copy of the database.</param>
    public byte[] Close(string purpose, Guid owner, string text) => Seal.ClosePacked(master.Derive(purpose), Encoding.UTF8.GetBytes(text), Context(purpose, owner));

    /// <exception cref="CryptographicException">Sealed by another master key, for another row, or changed.</exception>
    public string Open(string purpose, Guid owner, string keyId, byte[] closed) => keyId == master.Id
        ? Encoding.UTF8.GetString(Seal.OpenPacked(master.Derive(purpose), closed, Context(purpose, owner)))
        : throw new CryptographicException($"A secret of the instance is sealed by the master key {keyId}; this node has {master.Id}.");

    private static byte[] Context(string purpose, Guid owner) => Encoding.UTF8.GetBytes($"{purpose}/{owner:D}");
}
