"""The WordPress plugin `relance/`: how it is packed and translated."""
